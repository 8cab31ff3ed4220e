import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { RequestsTable } from './page.requesttable.tsx';

const AskDialog = lazily(async () => (await import('./page.asking.tsx')).AskDialog);

/** Requests for access: those one asked for, and those one is to decide on. */
export default function RequestsPage() {
  const t = useWords('clauses/access');
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const mayAsk = useMay('askAccess');
  const mayDecide = useMay('decideRequests');
  const yes = [{ value: 'true', label: t('yes') }];
  return (
    <Page wide>
      <PageHeader
        title={t('requests.title')}
        sentence={t('requests.sentence')}
        primary={mayAsk ? { label: t('ask.title'), run: () => setAsking(true) } : undefined}
        others={[
          { label: t('offers.title'), run: () => void navigate({ to: '/console/offers' }) },
          {
            label: t('emergencies.title'),
            run: () => void navigate({ to: '/console/emergencies' }),
          },
        ]}
      />
      <RequestsTable
        name="access-requests"
        deciding={mayDecide}
        filters={[
          { id: 'mine', label: t('filter.mine'), options: yes },
          { id: 'own', label: t('request.own'), options: yes },
        ]}
      />
      {asking && <AskDialog close={() => setAsking(false)} />}
    </Page>
  );
}
