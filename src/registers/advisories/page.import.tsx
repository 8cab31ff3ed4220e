import { Progress } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords, type Words } from '../../ui/words.ts';
import type { ImportItem } from './list.imports.ts';
import classes from './page.module.css';
import type { listRoutes } from './routes.lists.ts';

/** Seconds between two looks at an import under way. */
const LOOK_SECONDS = 2;

/** One import on a page of its own: where findings lead to. */
export default function ImportPage() {
  const t = useWords('registers/advisories');
  const id = useParam('id');
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/advisory-imports">{t('imports.title')}</Link>}
        title={t('imports.one')}
      />
      <ImportDetails id={id} />
    </Page>
  );
}

/** How far an import is, what came of it, what was set aside and why. */
export function ImportDetails({ id }: { id: string }) {
  const t = useWords('registers/advisories');
  const [over, setOver] = useState(false);
  const read = useRead(
    useApi<typeof listRoutes>().showAdvisoryImport,
    { id },
    over ? {} : { everySeconds: LOOK_SECONDS },
  );
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const found = read.data;
  if (!found) return null;
  if (found.finishedAt !== null && !over) setOver(true);
  return (
    <>
      {found.finishedAt === null && <Standing found={found} />}
      {found.problem && (
        <p role="status">
          {t(`importProblem.${found.problem}`)} {found.detail}
        </p>
      )}
      <Facts
        facts={[
          { label: t('kind'), value: t(`feeds.${found.kind}.name`) },
          { label: t('imports.origin'), value: found.origin },
          { label: t('state'), value: t(`imports.states.${found.state}`) },
          { label: t('imports.began'), value: <RelativeTime at={found.beganAt} /> },
          {
            label: t('imports.finished'),
            value: found.finishedAt && <RelativeTime at={found.finishedAt} />,
          },
          {
            label: t('imports.retryAt'),
            value: found.retryAt && <RelativeTime at={found.retryAt} />,
          },
          { label: t('imports.covered'), value: coveredOf(found, t) },
          ...(['read', 'added', 'changed', 'unchanged', 'withdrawn', 'refused'] as const).map(
            (each) => ({
              label: t(`imports.${each}`),
              value: t('number', { count: found[each] }),
            }),
          ),
        ]}
      />
      {found.setAside.length > 0 && (
        <Section title={t('imports.setAside')}>
          <div className={classes.scroll}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{t('name')}</th>
                  <th scope="col">{t('imports.reason')}</th>
                </tr>
              </thead>
              <tbody>
                {found.setAside.map(({ name, reason }) => (
                  <tr key={name}>
                    <td>{name}</td>
                    <td>{reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Section>
      )}
    </>
  );
}

/** What it has brought up to date; of a file that is said to be all of something and is not, that it is not. */
function coveredOf({ kind, finishedAt, covers, covered }: ImportItem, t: Words): string | null {
  if (kind !== 'osv' || finishedAt === null) return null;
  if (covered.length > 0) return covered.join(t('comma'));
  return covers.length > 0
    ? t('imports.coversLess', { covers: covers.join(t('comma')) })
    : t('imports.coversNone');
}

function Standing({ found }: { found: ImportItem }) {
  const t = useWords('registers/advisories');
  const { part, position, entries } = found;
  const text =
    entries === null
      ? t('imports.soFar', { part, position })
      : t('imports.progress', { part, position, entries });
  return (
    <div aria-live="polite">
      <Progress value={entries ? (position / entries) * 100 : 0} size="sm" aria-label={text} />
      <p className="kept-soft">{text}</p>
    </div>
  );
}
