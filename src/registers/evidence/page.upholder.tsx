import { unconnectedOf } from '../../policy/unconnected.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './evidence.module.css';
import type { Evidence } from './facts.ts';

type Part = Evidence['upholders'][number];
type Of<By extends Part['by']> = Extract<Part, { by: By }>;

/** One thing that upholds a promise, with all it has to show. */
export function Upholder({ upholder }: { upholder: Part }) {
  const t = useWords('registers/evidence');
  return (
    <article className={classes.upholder}>
      <header>
        <span className={classes.kind}>{t(upholder.by)}</span>
        <h3>{upholder.states}</h3>
      </header>
      {upholder.by === 'check' && <CheckPart check={upholder} />}
      {upholder.by === 'duty' && <DutyPart duty={upholder} />}
      {upholder.by === 'guard' && <GuardPart guard={upholder} />}
    </article>
  );
}

function CheckPart({ check }: { check: Of<'check'> }) {
  const t = useWords('registers/evidence');
  const sourceName = (name: string) => {
    const missing = unconnectedOf(name);
    return missing ? t(`unconnected.${missing}.name`) : name;
  };
  return (
    <>
      <Facts
        facts={[
          { label: t('examined'), value: t('examinedValue', { count: check.examined }) },
          {
            label: t('violated'),
            value: <StatusMark status={check.status}>{check.violated || t('none')}</StatusMark>,
          },
          { label: t('checkedAt'), value: check.at && <RelativeTime at={check.at} /> },
          ...check.sources.slice(0, 8).map((source) => ({
            label: t('sources'),
            value: (
              <>
                {sourceName(source.name)}:{' '}
                {source.readAt ? <RelativeTime at={source.readAt} /> : t('neverRead')}
              </>
            ),
          })),
        ]}
      />
      {check.violated > 0 && <Violations check={check} />}
    </>
  );
}

function Violations({ check }: { check: Of<'check'> }) {
  const t = useWords('registers/evidence');
  if (check.findings.length === 0)
    return <p className="kept-soft">{t('hidden', { count: check.violated })}</p>;
  const rest = check.violated - check.findings.length;
  return (
    <>
      <h4>{t('violations')}</h4>
      <ul className={classes.items}>
        {check.findings.map((finding) => (
          <li key={finding.id}>
            {finding.path ? <Link to={finding.path}>{finding.sentence}</Link> : finding.sentence}
            <span className={classes.meta}>
              {finding.owner} · {finding.exceptedUntil ? t('excepted') : t('until')}{' '}
              <RelativeTime at={finding.exceptedUntil ?? finding.dueAt} />
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <p>
          <Link to={`/console/findings?check=${check.id}`}>{t('more', { count: rest })}</Link>
        </p>
      )}
    </>
  );
}

function DutyPart({ duty }: { duty: Of<'duty'> }) {
  const t = useWords('registers/evidence');
  if (duty.occurrences.length === 0) return <p className="kept-soft">{t('noOccurrences')}</p>;
  return (
    <>
      <h4>{t('occurrences')}</h4>
      <ul className={classes.items}>
        {duty.occurrences.slice(0, 12).map((each) => (
          <li key={each.id}>
            <StatusMark status={each.doneAt ? 'kept' : each.missedAt ? 'broken' : 'due'}>
              {each.doneAt ? t('done') : each.missedAt ? t('missed') : t('open')}{' '}
              <RelativeTime at={each.doneAt ?? each.missedAt ?? each.dueAt} />
            </StatusMark>
            <span className={classes.meta}>{each.doneBy ?? each.assignee}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function GuardPart({ guard }: { guard: Of<'guard'> }) {
  const t = useWords('registers/evidence');
  return (
    <Facts
      facts={[
        { label: t('refusals'), value: t('refusalsValue', { count: guard.refusals }) },
        {
          label: t('lastRefusal'),
          value: guard.lastRefusalAt && <RelativeTime at={guard.lastRefusalAt} />,
        },
      ]}
    />
  );
}
