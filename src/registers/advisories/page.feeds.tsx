import { Button, Group } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import type { feedRoutes } from './routes.ts';

const FeedForm = lazy(() => import('./page.feedform.tsx'));

export type Feed = output<(typeof feedRoutes)['listAdvisoryFeeds']['output']>['items'][number];

/** Where advisories, known exploitation and predictions come from: on or off, and how fresh each is. */
export function Feeds() {
  const t = useWords('registers/advisories');
  const [changing, setChanging] = useState<Feed | null>(null);
  const read = useRead(useApi<typeof feedRoutes>().listAdvisoryFeeds, {}, { everySeconds: 10 });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const close = () => setChanging(null);
  return (
    <>
      <div className={classes.feeds}>
        {read.data?.items.map((feed) => (
          <FeedLine key={feed.kind} feed={feed} change={() => setChanging(feed)} />
        ))}
      </div>
      <Sheet opened={changing !== null} onClose={close} label={t('feeds.change')}>
        {changing && (
          <>
            <SheetHeader
              title={t(`feeds.${changing.kind}.name`)}
              sentence={t(`feeds.${changing.kind}.what`)}
            />
            <Suspense>
              <FeedForm feed={changing} close={close} />
            </Suspense>
          </>
        )}
      </Sheet>
    </>
  );
}

function FeedLine({ feed, change }: { feed: Feed; change: () => void }) {
  const t = useWords('registers/advisories');
  const mayUpdate = useMay('updateAdvisories');
  const mayChange = useMay('changeFeed');
  const update = useCommand(useApi<typeof feedRoutes>().updateAdvisories, {
    done: t('feeds.asked'),
  });
  return (
    <section className={classes.feed}>
      <h2>{t(`feeds.${feed.kind}.name`)}</h2>
      <p className="kept-soft">
        {feed.on ? t('feeds.on', { count: feed.everyHours }) : t('feeds.off')}{' '}
        {feed.importedAt ? (
          <>
            {t('feeds.imported')} <RelativeTime at={feed.importedAt} />
          </>
        ) : (
          t('feeds.never')
        )}
      </p>
      {feed.problem && <p role="status">{t(`importProblem.${feed.problem}`)}</p>}
      {update.problem && <ProblemNotice problem={update.problem} />}
      <Group gap="xs">
        {feed.importId ? (
          <Link to={`/console/advisory-imports?open=${feed.importId}`}>{t('feeds.underWay')}</Link>
        ) : (
          mayUpdate && (
            <Button
              variant="default"
              size="compact-sm"
              loading={update.running}
              aria-label={t('feeds.updateOf', { name: t(`feeds.${feed.kind}.name`) })}
              onClick={() => void update.run({ kind: feed.kind })}
            >
              {t('feeds.update')}
            </Button>
          )
        )}
        {mayChange && (
          <Button
            variant="subtle"
            size="compact-sm"
            aria-label={t('feeds.changeOf', { name: t(`feeds.${feed.kind}.name`) })}
            onClick={change}
          >
            {t('feeds.change')}
          </Button>
        )}
      </Group>
    </section>
  );
}
