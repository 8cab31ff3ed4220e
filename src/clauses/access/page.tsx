import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatDate } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { useLanguage, useWords, type Words } from '../../ui/words.ts';
import type { CurrentSettings } from './page.opening.tsx';
import { Progress } from './page.progress.tsx';
import type { routes } from './routes.ts';

// Forms come when they are asked for: the list is what most readers came to see.
const OpenCampaignDialog = lazy(async () => ({
  default: (await import('./page.opening.tsx')).OpenCampaignDialog,
}));
const SettingsDialog = lazy(async () => ({
  default: (await import('./page.opening.tsx')).SettingsDialog,
}));

/** Access reviews: the open one first, the past ones as evidence. */
export default function ReviewsPage() {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const navigate = useNavigate();
  const settings = useRead(api.getReviewSettings, {});
  const [dialog, setDialog] = useState<'open' | 'settings' | null>(null);
  const mayOpen = useMay('openCampaign');
  const maySet = useMay('changeReviewSettings');
  return (
    <Page wide>
      <PageHeader
        title={t('reviews.title')}
        sentence={settings.data && <NextOpening settings={settings.data} />}
        primary={mayOpen ? { label: t('reviews.open'), run: () => setDialog('open') } : undefined}
        others={[
          {
            label: t('reviews.orders'),
            run: () => void navigate({ to: '/console/revoke-orders' }),
          },
          ...(maySet && settings.data
            ? [{ label: t('settings.title'), run: () => setDialog('settings') }]
            : []),
        ]}
      />
      <RegisterTable
        name="campaigns"
        label={t('reviews.title')}
        list={api.listCampaigns}
        rowId={(campaign) => campaign.id}
        defaultSort="-openedAt"
        columns={columns(t)}
        filters={[
          {
            id: 'state',
            label: t('campaign.state'),
            options: (['open', 'complete', 'incomplete'] as const).map((value) => ({
              value,
              label: t(`state.${value}`),
            })),
          },
        ]}
        empty={<EmptyState title={t('reviews.none')}>{t('reviews.first')}</EmptyState>}
      />
      <Suspense>
        {dialog === 'open' && <OpenCampaignDialog close={() => setDialog(null)} />}
        {dialog === 'settings' && settings.data && (
          <SettingsDialog settings={settings.data} close={() => setDialog(null)} />
        )}
      </Suspense>
    </Page>
  );
}

type CampaignLine = output<(typeof routes)['listCampaigns']['output']>['items'][number];

function columns(t: Words): readonly Column<CampaignLine>[] {
  return [
    {
      id: 'name',
      label: t('campaign.name'),
      value: (campaign) => <Link to={`/console/reviews/${campaign.id}`}>{campaign.name}</Link>,
      sort: true,
      width: 'minmax(10rem, 2fr)',
    },
    {
      id: 'state',
      label: t('campaign.state'),
      value: (campaign) => t(`state.${campaign.state}`),
      width: '10.5rem',
    },
    {
      id: 'undecided',
      label: t('campaign.progress'),
      value: (campaign) => <Progress items={campaign.items} undecided={campaign.undecided} />,
      sort: true,
      width: 'minmax(15rem, 1.5fr)',
    },
    {
      id: 'mine',
      label: t('campaign.mine'),
      value: (campaign) =>
        campaign.mine > 0 ? t('campaign.waiting', { count: campaign.mine }) : t('none'),
      width: '8rem',
    },
    {
      id: 'dueAt',
      label: t('campaign.due'),
      value: (campaign) => <RelativeTime at={campaign.dueAt} />,
      sort: true,
      width: '8rem',
    },
    {
      id: 'orders',
      label: t('campaign.orders'),
      value: (campaign) =>
        t('campaign.ordersOpen', { open: campaign.ordersOpen, orders: campaign.orders }),
      priority: 3,
      width: '9rem',
    },
    {
      id: 'openedAt',
      label: t('campaign.opened'),
      value: (campaign) => <RelativeTime at={campaign.openedAt} />,
      sort: true,
      priority: 3,
      width: '8rem',
    },
  ];
}

/** One sentence: when the next review opens by itself. */
function NextOpening({ settings }: { settings: CurrentSettings }) {
  const t = useWords('clauses/access');
  const place = { language: useLanguage(), zone: useReader().zone };
  if (!settings.openByItself) return <>{t('reviews.byHandOnly')}</>;
  if (!settings.nextOpensAt) return <>{t('reviews.notScheduled')}</>;
  return <>{t('reviews.next', { day: formatDate(settings.nextOpensAt, place) })}</>;
}
