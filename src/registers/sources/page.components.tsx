import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { ComponentItem } from './list.components.ts';
import type { SourceItem } from './list.ts';
import type { routes } from './routes.ts';

/** What the newest inventory of a source holds. */
export default function Components({ source }: { source: Pick<SourceItem, 'key'> }) {
  const t = useWords('registers/sources');
  const truth = ['true', 'false'].map((value) => ({ value, label: t(`development.${value}`) }));
  return (
    <RegisterTable
      name="components"
      prefix="c-"
      label={t('components')}
      list={useApi<typeof routes>().listComponents}
      fixed={{ source: source.key }}
      rowId={(component) => component.id}
      defaultSort="name"
      columns={columns(t)}
      filters={[
        { id: 'ecosystem', label: t('ecosystem') },
        { id: 'development', label: t('development.label'), options: truth },
      ]}
      sheet={(_, component) => <ComponentSheet component={component} />}
      empty={<EmptyState title={t('noComponents')}>{t('noComponentsWhy')}</EmptyState>}
    />
  );
}

function columns(t: Words): readonly Column<ComponentItem>[] {
  return [
    {
      id: 'name',
      label: t('component'),
      value: (component) => component.name,
      sort: true,
      width: 'minmax(10rem, 2fr)',
    },
    { id: 'version', label: t('version'), value: (component) => component.version, priority: 1 },
    {
      id: 'ecosystem',
      label: t('ecosystem'),
      value: (component) => component.ecosystem || t('noEcosystem'),
      sort: true,
    },
    {
      id: 'path',
      label: t('path'),
      value: (component) => pathText(component.path, t),
      width: 'minmax(10rem, 3fr)',
    },
    {
      id: 'development',
      label: t('development.label'),
      value: (component) => component.isDevelopment && t('development.short'),
      priority: 3,
    },
  ];
}

/** Why it is here: names from what the software asks for to the component. */
function pathText(path: readonly string[] | null, t: Words): string {
  if (path === null) return t('pathUnknown');
  return path.length <= 1 ? t('pathDirect') : path.join(' › ');
}

function ComponentSheet({ component }: { component: ComponentItem | undefined }) {
  const t = useWords('registers/sources');
  const may = useMay('readBacklog');
  if (!component) return <SheetHeader title={t('component')} />;
  const backlog = `/console/backlog?package=${encodeURIComponent(component.packageKey)}`;
  return (
    <>
      <SheetHeader title={`${component.name} ${component.version}`} />
      <Facts
        facts={[
          { label: t('ecosystem'), value: component.ecosystem || t('noEcosystem') },
          { label: t('path'), value: pathText(component.path, t) },
          {
            label: t('development.label'),
            value: t(`development.${component.isDevelopment}`),
          },
          {
            label: t('purl'),
            value: component.purl && <code className="kept-code">{component.purl}</code>,
          },
          { label: t('seenAt'), value: <RelativeTime at={component.seenAt} /> },
          { label: t('backlog'), value: may && <Link to={backlog}>{t('toBacklog')}</Link> },
        ]}
      />
    </>
  );
}
