import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import { PersonLink } from '../page.PersonLink.tsx';
import { Due } from './page.due.tsx';
import type { routes } from './routes.ts';

/** A source over the list: the facts, and the way to its page. */
export function SourceSheet({ sourceKey }: { sourceKey: string }) {
  const t = useWords('registers/sources');
  const read = useRead(useApi<typeof routes>().showSource, { id: sourceKey });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  if (!read.data) return null;
  return (
    <>
      <SheetHeader
        title={read.data.name}
        sentence={<Link to={`/console/sources/${read.data.key}`}>{t('openPage')}</Link>}
      />
      <SourceFacts sourceKey={sourceKey} />
    </>
  );
}

/** What the register knows of a source. */
export function SourceFacts({ sourceKey }: { sourceKey: string }) {
  const t = useWords('registers/sources');
  const mayBacklog = useMay('readBacklog');
  const read = useRead(useApi<typeof routes>().showSource, { id: sourceKey });
  const source = read.data;
  if (!source) return null;
  return (
    <Facts
      facts={[
        { label: t('due'), value: <Due source={source} /> },
        {
          label: t('lastAudit'),
          value: source.lastAuditAt ? <RelativeTime at={source.lastAuditAt} /> : t('neverAudited'),
        },
        { label: t('cadence'), value: t('everyDays', { count: source.cadenceDays }) },
        { label: t('kind'), value: t(`kinds.${source.kind}`) },
        {
          label: t('location'),
          value: source.location && <Location location={source.location} />,
        },
        {
          label: t('asset'),
          value: <Link to={`/console/systems/${source.system.key}`}>{source.system.name}</Link>,
        },
        {
          label: t('owner'),
          value: source.owner ? (
            <PersonLink id={source.owner.id} name={source.owner.name} />
          ) : (
            t('noOwner')
          ),
        },
        {
          label: t('way'),
          value: source.connectionId ? (
            <Link to={`/console/connections/${source.connectionId}`}>{t('byConnection')}</Link>
          ) : (
            t('byUpload')
          ),
        },
        {
          label: t('components'),
          value: source.ecosystems
            .map(({ ecosystem, components }) =>
              t('ofEcosystem', { ecosystem: ecosystem || t('noEcosystem'), count: components }),
            )
            .join(t('comma')),
        },
        {
          label: t('backlog'),
          value: mayBacklog && (
            <Link to={`/console/backlog?source=${source.key}`}>{t('toBacklog')}</Link>
          ),
        },
        {
          label: t('retired'),
          value: source.retiredAt && <RelativeTime at={source.retiredAt} />,
        },
        { label: t('key'), value: <code className="kept-code">{source.key}</code> },
      ]}
    />
  );
}

/** An address is a link out; anything else stands as it is. */
function Location({ location }: { location: string }) {
  if (!/^https?:\/\//.test(location)) return location;
  return (
    <a href={location} target="_blank" rel="noreferrer">
      {location}
    </a>
  );
}
