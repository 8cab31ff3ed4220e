import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Section } from '../../ui/Page.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { AuditItem } from './list.audits.ts';
import type { SourceItem } from './list.ts';
import classes from './page.module.css';
import type { routes } from './routes.ts';

/** Audits of a source, newest first, with what each could not read. */
export default function Audits({ source }: { source: Pick<SourceItem, 'id'> }) {
  const t = useWords('registers/sources');
  return (
    <RegisterTable
      name="audits"
      prefix="a-"
      label={t('audits')}
      list={useApi<typeof routes>().listAudits}
      fixed={{ id: source.id }}
      rowId={(audit) => audit.id}
      defaultSort="-at"
      columns={columns(t)}
      sheet={(_, audit) => <AuditSheet audit={audit} />}
      empty={<EmptyState title={t('noAudits')}>{t('noComponentsWhy')}</EmptyState>}
    />
  );
}

function columns(t: Words): readonly Column<AuditItem>[] {
  return [
    {
      id: 'at',
      label: t('auditedAt'),
      value: (audit) => <RelativeTime at={audit.at} />,
      sort: true,
    },
    {
      id: 'complete',
      label: t('extent'),
      value: (audit) => extentOf(audit, t),
      priority: 1,
    },
    {
      id: 'components',
      label: t('components'),
      value: (audit) => t('number', { count: audit.components }),
      sort: true,
      align: 'end',
      width: '7rem',
    },
    { id: 'by', label: t('by'), value: (audit) => giverOf(audit, t) },
    { id: 'way', label: t('way'), value: (audit) => t(`ways.${audit.way}`) },
    { id: 'formats', label: t('formats'), value: (audit) => audit.formats.join(t('comma')) },
    {
      id: 'notes',
      label: t('notes'),
      value: (audit) => t('number', { count: audit.notes.length }),
      align: 'end',
      width: '5rem',
      priority: 3,
    },
  ];
}

/** Whole, in part, or whole and in doubt. */
function extentOf(audit: AuditItem, t: Words): string {
  if (isInDoubt(audit)) return t('doubt.word');
  return t(audit.complete ? 'whole' : 'partial');
}

function isInDoubt({ doubted, confirmedAt }: AuditItem): boolean {
  return doubted && confirmedAt === null;
}

/** What it proves, in a sentence. */
function sentenceOf(audit: AuditItem, t: Words): string {
  if (isInDoubt(audit)) return t('doubt.sheet', { count: audit.missing });
  return t(audit.complete ? 'wholeWhy' : 'partialWhy');
}

/** A person by name; a token's holder and Kept itself have none. */
function giverOf({ by }: AuditItem, t: Words): string {
  if (by.startsWith('token/')) return t('byToken');
  return by.startsWith('system/') ? t('bySystem') : by;
}

function AuditSheet({ audit }: { audit: AuditItem | undefined }) {
  const t = useWords('registers/sources');
  if (!audit) return <SheetHeader title={t('audits')} />;
  return (
    <>
      <SheetHeader
        title={t('auditOf', { count: audit.components })}
        sentence={sentenceOf(audit, t)}
      />
      <Facts
        facts={[
          { label: t('auditedAt'), value: <RelativeTime at={audit.at} /> },
          { label: t('by'), value: giverOf(audit, t) },
          { label: t('way'), value: t(`ways.${audit.way}`) },
          { label: t('formats'), value: audit.formats.join(t('comma')) },
          { label: t('doubt.why'), value: audit.goneBecause },
          { label: t('doubt.confirmedBy'), value: audit.confirmedBy },
          {
            label: t('doubt.confirmedAt'),
            value: audit.confirmedAt && <RelativeTime at={audit.confirmedAt} />,
          },
          { label: t('digest'), value: <code className="kept-code">{audit.digest}</code> },
        ]}
      />
      {audit.notes.length > 0 && (
        <Section title={t('notes')}>
          <ul className={classes.notes}>
            {[...new Set(audit.notes)].map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
