import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column, Filter } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { CustomerItem } from './list.ts';
import { CustomerSheet, termOf } from './page.sheet.tsx';
import type { productRoutes } from './routes.products.ts';
import type { routes } from './routes.ts';

const CustomerForm = lazy(() => import('./page.form.tsx'));

const states = ['open', 'closing', 'erasing', 'gone'] as const;

/** Every account of a customer with a product. */
export default function CustomersPage() {
  const t = useWords('registers/customers');
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const close = () => setAdding(false);
  const mayAdd = useMay('registerCustomer');
  const mayImport = useMay('importCustomers');
  const go = (to: string) => () => void navigate({ to });
  const others: Action[] = [
    { label: t('holds.title'), run: go('/console/holds') },
    { label: t('products.title'), run: go('/console/products') },
    ...(mayImport ? [{ label: t('import.title'), run: go('/console/customers/import') }] : []),
  ];
  return (
    <Page wide>
      <PageHeader
        title={t('title')}
        primary={mayAdd ? { label: t('add'), run: () => setAdding(true) } : undefined}
        others={others}
      />
      <RegisterTable
        name="customers"
        label={t('title')}
        list={useApi<typeof routes>().listCustomers}
        rowId={(customer) => customer.key}
        defaultSort="name"
        columns={columns(t)}
        filters={useFilters(t)}
        sheet={(key) => <CustomerSheet customerKey={key} />}
        empty={
          <EmptyState
            title={t('empty.title')}
            action={mayImport && <Link to="/console/customers/import">{t('import.title')}</Link>}
          >
            {t('empty.first')}
          </EmptyState>
        }
      />
      <Sheet opened={adding} onClose={close} label={t('add')}>
        <SheetHeader title={t('add')} />
        <Suspense>
          <CustomerForm done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function useFilters(t: Words): readonly Filter[] {
  const may = useMay('readProducts');
  const products = useList(
    useApi<typeof productRoutes>().listProducts,
    { limit: 200 },
    { skip: !may },
  );
  const truth = ['true', 'false'].map((value) => ({ value, label: t(`held.${value}`) }));
  return [
    {
      id: 'state',
      label: t('state.label'),
      options: states.map((value) => ({ value, label: t(`state.${value}`) })),
    },
    {
      id: 'product',
      label: t('product'),
      options: (products.data?.items ?? []).map(({ key, name }) => ({ value: key, label: name })),
    },
    { id: 'held', label: t('hold'), options: truth },
    {
      id: 'basis',
      label: t('basis.label'),
      options: ['terms', 'contract'].map((value) => ({ value, label: t(`basis.${value}`) })),
    },
    {
      id: 'language',
      label: t('language.label'),
      options: ['en', 'ja'].map((value) => ({ value, label: t(`language.${value}`) })),
    },
  ];
}

function columns(t: Words): readonly Column<CustomerItem>[] {
  return [
    {
      id: 'name',
      label: t('name'),
      value: (customer) => (
        <span>
          {customer.name ?? t('forgotten')} <span className="kept-soft">{customer.key}</span>
        </span>
      ),
      sort: true,
      width: 'minmax(12rem, 2fr)',
    },
    {
      id: 'product',
      label: t('product'),
      value: (customer) => customer.product.name,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'state',
      label: t('state.label'),
      value: (customer) => standing(customer, t),
      sort: true,
      width: 'minmax(9rem, 1fr)',
    },
    {
      id: 'basis',
      label: t('basis.label'),
      value: (customer) => `${t(`basis.${customer.basis}`)} ${customer.basisReference}`,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'term',
      label: t('term.label'),
      value: (customer) => termOf(customer, t),
      width: 'minmax(8rem, 1fr)',
      priority: 3,
    },
    {
      id: 'contacts',
      label: t('contacts.title'),
      value: (customer) => t('number', { count: customer.contacts }),
      width: '6rem',
      align: 'end',
      priority: 3,
    },
    {
      id: 'since',
      label: t('since'),
      value: (customer) => <RelativeTime at={customer.since} />,
      sort: true,
      hidden: true,
    },
    {
      id: 'stateAt',
      label: t('stateAt'),
      value: (customer) => <RelativeTime at={customer.stateAt} />,
      sort: true,
      hidden: true,
    },
  ];
}

/** The state, and whether a hold stops its clocks: said, never coloured alone. */
function standing(customer: CustomerItem, t: Words): string {
  const state = t(`state.${customer.state}`);
  return customer.held ? t('stateHeld', { state }) : state;
}
