import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { OrdersTable } from './page.ordertable.tsx';
import type { routes } from './routes.ts';

/** Past campaigns offered as a filter. */
const campaignsOffered = 50;

/** Every revoke order there is, the most urgent first. */
export default function OrdersPage() {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const campaigns = useRead(api.listCampaigns, { limit: campaignsOffered });
  const [chosen] = useAddressValue('campaign');
  // Systems are offered once a review is chosen: those that it was about.
  const campaign = useRead(api.getCampaign, { id: chosen ?? '' }, { skip: !chosen });
  const named = ({ id, name }: { id: string; name: string }) => ({ value: id, label: name });
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/reviews">{t('reviews.title')}</Link>}
        title={t('reviews.orders')}
        sentence={t('orders.sentence')}
      />
      <OrdersTable
        name="orders"
        filters={[
          {
            id: 'campaign',
            label: t('order.review'),
            options: (campaigns.data?.items ?? []).map(named),
          },
          {
            id: 'system',
            label: t('item.system'),
            options: (campaign.data?.systems ?? []).map(named),
          },
        ]}
      />
    </Page>
  );
}
