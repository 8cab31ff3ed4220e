import { Tabs } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useAddressValue } from '../../ui/address.ts';
import { hrefOf, useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { formatDate, lastMoment } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay, useReader } from '../../ui/reader.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import classes from './page.campaign.module.css';
import { type CampaignDetail, ItemsTable } from './page.items.tsx';
import { Progress } from './page.progress.tsx';
import type { routes } from './routes.ts';

// They come when their tabs are opened: the items are what reviewers came to see.
const CampaignProgress = lazy(async () => ({
  default: (await import('./page.standing.tsx')).CampaignProgress,
}));
const OrdersTable = lazy(async () => ({
  default: (await import('./page.ordertable.tsx')).OrdersTable,
}));

/** Seconds between two looks at the progress while others decide. */
const LOOK_SECONDS = 20;

/** One review: its items to decide on, how far everybody is, and what became of what was revoked. */
export default function CampaignPage() {
  const api = useApi<typeof routes>();
  const id = useParam('id');
  const campaign = useRead(api.getCampaign, { id }, { everySeconds: LOOK_SECONDS });
  if (campaign.error)
    return <ProblemNotice problem={campaign.error} retry={() => void campaign.refetch()} />;
  if (!campaign.data) return <Page wide>{null}</Page>;
  return <OpenedCampaign campaign={campaign.data} />;
}

function OpenedCampaign({ campaign }: { campaign: CampaignDetail }) {
  const t = useWords('clauses/access');
  const [tab, setTab] = useAddressValue('tab');
  return (
    <Page wide>
      <CampaignHeader campaign={campaign} />
      <Tabs
        value={tab ?? 'items'}
        onChange={(value) => setTab(value === 'items' ? undefined : (value ?? undefined))}
        keepMounted={false}
        className={classes.tabs}
      >
        <Tabs.List>
          <Tabs.Tab value="items">{t('tab.items')}</Tabs.Tab>
          <Tabs.Tab value="progress">{t('tab.progress')}</Tabs.Tab>
          <Tabs.Tab value="orders">{t('tab.orders', { count: campaign.orders })}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="items" className={classes.panel}>
          <ItemsTable campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="progress" className={classes.panel}>
          <Suspense>
            <CampaignProgress campaign={campaign} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="orders" className={classes.panel}>
          <Suspense>
            <OrdersTable
              name="campaign-orders"
              prefix="orders-"
              fixed={{ campaign: campaign.id }}
            />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function CampaignHeader({ campaign }: { campaign: CampaignDetail }) {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const place = { language: useLanguage(), zone: useReader().zone };
  const [closing, setClosing] = useState(false);
  const close = useCommand(api.closeCampaign, { done: t('closing.done') });
  const mayClose = useMay('closeCampaign') && campaign.state === 'open';
  const mayExport = useMay('readReviews');
  const due = formatDate(lastMoment(campaign.dueAt), place);
  const sentence =
    campaign.state === 'open'
      ? t('campaign.openUntil', { due })
      : t(`campaign.${campaign.state}`, { undecided: campaign.undecided });
  const finished = campaign.undecided === 0;
  return (
    <>
      <PageHeader
        above={<Link to="/console/reviews">{t('reviews.title')}</Link>}
        title={campaign.name}
        sentence={
          <>
            {sentence} <Progress items={campaign.items} undecided={campaign.undecided} />
          </>
        }
        primary={
          mayClose && finished
            ? { label: t('closing.verb'), run: () => setClosing(true) }
            : undefined
        }
        others={
          mayExport
            ? [
                {
                  label: t('campaign.export'),
                  run: () =>
                    window.location.assign(hrefOf(api.exportCampaign, { id: campaign.id })),
                },
              ]
            : []
        }
      />
      <ConfirmDialog
        opened={closing}
        onClose={() => setClosing(false)}
        title={t('closing.title', { campaign: campaign.name })}
        verb={t('closing.verb')}
        running={close.running}
        problem={close.problem}
        run={() => void close.run({ id: campaign.id }).then((done) => done && setClosing(false))}
      >
        {t('closing.what', { count: campaign.items })}
      </ConfirmDialog>
    </>
  );
}
