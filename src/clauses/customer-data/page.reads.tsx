import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatNumber } from '../../ui/format.ts';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.case.module.css';
import type { routes } from './routes.ts';

const shown = 200;

/** Each read of a case, and in what it differs from what was approved. */
export default function Reads({ id, unlisted }: { id: string; unlisted: number }) {
  const t = useWords('clauses/customer-data');
  const language = useLanguage();
  const reads = useList(useApi<typeof routes>().listCaseReads, { id, limit: shown });
  if (reads.error)
    return <ProblemNotice problem={reads.error} retry={() => void reads.refetch()} />;
  const { items = [], total = 0 } = reads.data ?? {};
  return (
    <Section title={t('readsTitle')}>
      {unlisted > 0 && <p>{t('unlistedUses', { count: unlisted })}</p>}
      {reads.data && items.length === 0 && <EmptyState title={t('readNothing')} />}
      {items.length > 0 && (
        <div className={classes.scroll}>
          <table className={classes.contents}>
            <thead>
              <tr>
                <th scope="col">{t('readAt')}</th>
                <th scope="col">{t('collection')}</th>
                <th scope="col">{t('readWhat')}</th>
                <th scope="col">{t('readWithin')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((read) => (
                <tr key={read.id}>
                  <td>
                    <RelativeTime at={read.at} />
                  </td>
                  <td>{read.collection}</td>
                  <td>
                    {t(`readables.${read.what}`)}{' '}
                    {read.itemId && <code>{read.itemId.slice(-12)}</code>}{' '}
                    {read.copied && t('copied')}
                  </td>
                  <td>{read.deviation ? t(`deviations.${read.deviation}`) : t('within')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {items.length > 0 && (
        <p>
          {total > items.length &&
            t('readsMore', { count: formatNumber(total - items.length, language) })}{' '}
          <a href={`/api/v1/cases/${id}/reads?format=csv`} download>
            {t('readsCsv')}
          </a>
        </p>
      )}
    </Section>
  );
}
