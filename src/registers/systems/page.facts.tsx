import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import { PersonLink } from '../page.PersonLink.tsx';
import type { routes } from './routes.ts';

/** What the register knows of a system. */
export function SystemFacts({ systemKey }: { systemKey: string }) {
  const t = useWords('registers/systems');
  const read = useRead(useApi<typeof routes>().getSystem, { key: systemKey });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const system = read.data;
  if (!system) return null;
  const known = (value: boolean | null) => t(`known.${value === null ? 'unknown' : value}`);
  const level = (value: number) => t(`level.${value}`);
  return (
    <Facts
      facts={[
        { label: t('classification'), value: t(`class.${system.classification}`) },
        {
          label: t('owner'),
          value: system.ownerId ? (
            <PersonLink id={system.ownerId} name={system.ownerName} />
          ) : (
            t('noOwner')
          ),
        },
        { label: t('confidentiality'), value: level(system.confidentiality) },
        { label: t('integrity'), value: level(system.integrity) },
        { label: t('availability'), value: level(system.availability) },
        { label: t('singleSignOn'), value: known(system.singleSignOn) },
        { label: t('secondFactor'), value: known(system.secondFactor) },
        {
          label: t('readAt'),
          value: system.readAt ? <RelativeTime at={system.readAt} /> : t('neverRead'),
        },
        { label: t('staleAfterHours'), value: t('hours', { count: system.staleAfterHours }) },
        {
          label: t('accesses'),
          value: (
            <Link to={`/console/access?system=${system.key}`}>
              {t('holds', { accounts: system.accounts, accesses: system.accesses })}
            </Link>
          ),
        },
        { label: t('retired'), value: system.retiredAt && <RelativeTime at={system.retiredAt} /> },
      ]}
    />
  );
}
