import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { Timeline } from '../../ui/Timeline.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import { useEventWords } from '../page.timeline.tsx';
import type { CustomerStoryRoutes } from './facts.story.ts';
import { CustomerContacts } from './page.contacts.tsx';
import { CustomerHolds } from './page.onhold.tsx';
import { CustomerFacts, CustomerStanding, type WholeCustomer } from './page.sheet.tsx';
import type { routes } from './routes.ts';

const CustomerForm = lazily(async () => (await import('./page.form.tsx')).default);
const PlaceHold = lazily(async () => (await import('./page.holdforms.tsx')).PlaceHold);

/** Lines shown on a customer's page; the ledger has the rest. */
const shown = 200;

type Asking = 'edit' | 'hold' | null;

/** An account's page: what it is, who is there, what stops its clocks, what happened. */
export default function CustomerPage() {
  const t = useWords('registers/customers');
  const key = useParam('key');
  const read = useRead(useApi<typeof routes>().getCustomer, { key });
  const [asking, setAsking] = useState<Asking>(null);
  const actions = useCustomerActions(read.data, setAsking);
  const close = () => setAsking(null);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const customer = read.data;
  if (!customer) return <Page>{null}</Page>;
  const name = customer.name ?? t('forgotten');
  return (
    <Page>
      <PageHeader
        title={name}
        sentence={customer.held ? t('heldSentence') : t(`sentence.${customer.state}`)}
        above={<Link to="/console/customers">{t('title')}</Link>}
        {...actions}
      />
      <FactsAndTimeline
        facts={
          <>
            <CustomerFacts customer={customer} />
            <CustomerContacts customer={customer} />
            <CustomerHolds customer={customer} />
            <CustomerStanding customer={customer} />
          </>
        }
        timeline={
          <Section title={t('timeline')}>
            <CustomerStory id={customer.id} />
          </Section>
        }
      />
      <Sheet opened={asking === 'edit'} onClose={close} label={t('edit')}>
        <SheetHeader title={t('edit')} sentence={name} />
        <CustomerForm key={customer.version} customer={customer} done={close} />
      </Sheet>
      <Sheet opened={asking === 'hold'} onClose={close} label={t('holds.place')}>
        <SheetHeader title={t('holds.place')} sentence={name} />
        <PlaceHold customerKey={customer.key} done={close} />
      </Sheet>
    </Page>
  );
}

function useCustomerActions(customer: WholeCustomer | undefined, ask: (what: Asking) => void) {
  const t = useWords('registers/customers');
  const mayChange = useMay('changeCustomer');
  const mayHold = useMay('placeHold');
  if (!customer || customer.state === 'gone') return {};
  const others: Action[] = mayHold ? [{ label: t('holds.place'), run: () => ask('hold') }] : [];
  return { primary: mayChange ? { label: t('edit'), run: () => ask('edit') } : undefined, others };
}

/** One timeline: the account's own entries, those of its cases and those of its requests. */
function CustomerStory({ id }: { id: string }) {
  const sentenceOf = useEventWords();
  const story = useRead(useApi<CustomerStoryRoutes>().readCustomerStory, { id, limit: shown });
  if (story.error) return <ProblemNotice problem={story.error} retry={() => story.refetch()} />;
  if (!story.data) return null;
  return (
    <Timeline
      entries={story.data.items.map((line) => ({
        id: line.id,
        at: line.at,
        actor: line.actor,
        text: sentenceOf(line.clause, line.type),
        index: line.index,
      }))}
    />
  );
}
