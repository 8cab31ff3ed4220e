import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { formatBytes, lastMoment } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useReader } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useLanguage, useWords, type Words } from '../../ui/words.ts';
import type { CustomerStoryRoutes } from './facts.story.ts';
import type { CustomerItem } from './list.ts';
import type { routes } from './routes.ts';

type Api = ReturnType<typeof useApi<typeof routes>>;
export type WholeCustomer = Awaited<ReturnType<Api['getCustomer']>>;

/** A customer over a list. */
export function CustomerSheet({ customerKey }: { customerKey: string }) {
  const t = useWords('registers/customers');
  const navigate = useNavigate();
  const read = useRead(useApi<typeof routes>().getCustomer, { key: customerKey });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const customer = read.data;
  if (!customer) return null;
  return (
    <>
      <SheetHeader
        title={customer.name ?? t('forgotten')}
        sentence={customer.held ? t('heldSentence') : t(`sentence.${customer.state}`)}
        primary={{
          label: t('open'),
          run: () => void navigate({ to: `/console/customers/${customer.key}` }),
        }}
      />
      <CustomerFacts customer={customer} />
      <CustomerStanding customer={customer} />
    </>
  );
}

/** What the register knows of an account. */
export function CustomerFacts({ customer }: { customer: CustomerItem }) {
  const t = useWords('registers/customers');
  return (
    <Facts
      facts={[
        { label: t('key'), value: customer.key },
        { label: t('reading'), value: customer.reading },
        {
          label: t('product'),
          value: (
            <Link to={`/console/products/${customer.product.key}`}>{customer.product.name}</Link>
          ),
        },
        { label: t('state.label'), value: t(`state.${customer.state}`) },
        { label: t('stateAt'), value: <RelativeTime at={customer.stateAt} /> },
        { label: t('since'), value: <RelativeTime at={customer.since} /> },
        { label: t('basis.label'), value: t(`basis.${customer.basis}`) },
        { label: t('basisReference'), value: customer.basisReference },
        { label: t('term.label'), value: termOf(customer, t) },
        { label: t('told.label'), value: t(`told.${customer.told}`) },
        { label: t('approvesCases'), value: t(`yes.${customer.approvesCases}`) },
        { label: t('language.label'), value: t(`language.${customer.language}`) },
      ]}
    />
  );
}

/** Lists of other rooms, narrowed to an account, for whoever may read each. */
const elsewhere = {
  cases: { permission: 'readCases', path: '/console/cases?q=' },
  requests: { permission: 'readCustomerRequests', path: '/console/customer-requests?customer=' },
  closures: { permission: 'readClosures', path: '/console/closures?q=' },
} as const;

/** Where an account stands in the vault, in its closure, with cases and requests. */
export function CustomerStanding({ customer }: { customer: CustomerItem }) {
  const t = useWords('registers/customers');
  const language = useLanguage();
  const { permissions } = useReader();
  const read = useRead(useApi<CustomerStoryRoutes>().readCustomerStanding, { id: customer.id });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  if (!read.data) return null;
  const { vault, cases, requests } = read.data;
  const linked = (where: keyof typeof elsewhere, value: ReactNode) => {
    const { permission, path } = elsewhere[where];
    return permissions.includes(permission) ? <Link to={path + customer.key}>{value}</Link> : value;
  };
  return (
    <Section title={t('standing.title')}>
      <Facts
        facts={[
          {
            label: t('standing.vault'),
            value: t('standing.holds', {
              objects: vault.objects,
              records: vault.records,
              size: formatBytes(vault.bytes, language),
            }),
          },
          {
            label: t('standing.openedAt'),
            value: vault.openedAt ? <RelativeTime at={vault.openedAt} /> : t('standing.never'),
          },
          {
            label: t('standing.cases'),
            value: linked('cases', t('standing.some', { open: cases.open, total: cases.total })),
          },
          {
            label: t('standing.requests'),
            value: linked(
              'requests',
              t('standing.some', { open: requests.open, total: requests.total }),
            ),
          },
          ...closureFacts(read.data.closure, t, (value) => linked('closures', value)),
        ]}
      />
    </Section>
  );
}

type Closure = Awaited<
  ReturnType<ReturnType<typeof useApi<CustomerStoryRoutes>>['readCustomerStanding']>
>['closure'];

function closureFacts(closure: Closure, t: Words, linked: (value: ReactNode) => ReactNode) {
  if (!closure) return [];
  const at = (moment: string | null) => moment && <RelativeTime at={moment} />;
  const end = (moment: string) => at(lastMoment(moment));
  return [
    { label: t('closure.requestedAt'), value: linked(at(closure.requestedAt)) },
    {
      label: t('closure.reopenUntil'),
      value: closure.keyDestroyedAt ? null : end(closure.reopenUntil),
    },
    { label: t('closure.keyDestroyedAt'), value: at(closure.keyDestroyedAt) },
    { label: t('closure.eraseBy'), value: closure.certifiedAt ? null : end(closure.eraseBy) },
    { label: t('closure.certifiedAt'), value: at(closure.certifiedAt) },
    { label: t('closure.certificate'), value: closure.certificate },
  ];
}

export function termOf({ termMonths }: Pick<CustomerItem, 'termMonths'>, t: Words): string {
  return termMonths === null ? t('term.schedule') : t('term.months', { count: termMonths });
}
