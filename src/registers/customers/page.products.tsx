import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { ProductItem } from './list.products.ts';
import { ProductBody } from './page.product.tsx';
import type { productRoutes } from './routes.products.ts';

const ProductForm = lazy(() => import('./page.productform.tsx'));

/** What the company sells, and where what customers entrust to it lies. */
export default function ProductsPage() {
  const t = useWords('registers/customers');
  const [adding, setAdding] = useState(false);
  const close = () => setAdding(false);
  const mayAdd = useMay('addProduct');
  const choices = (room: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`${room}.${value}`) }));
  return (
    <Page wide>
      <PageHeader
        title={t('products.title')}
        sentence={t('products.sentence')}
        above={<Link to="/console/customers">{t('title')}</Link>}
        primary={mayAdd ? { label: t('products.add'), run: () => setAdding(true) } : undefined}
      />
      <RegisterTable
        name="products"
        label={t('products.title')}
        list={useApi<typeof productRoutes>().listProducts}
        rowId={(product) => product.key}
        defaultSort="name"
        columns={columns(t)}
        filters={[
          { id: 'kind', label: t('kind.label'), options: choices('kind', ['cloud', 'installed']) },
          {
            id: 'custody',
            label: t('custody.label'),
            options: choices('custody', ['vault', 'keys', 'none']),
          },
          {
            id: 'retired',
            label: t('products.retired'),
            options: [{ value: 'true', label: t('products.retiredOnly') }],
          },
        ]}
        sheet={(key, row) => <ProductSheet productKey={key} row={row} />}
        empty={<EmptyState title={t('products.none')}>{t('products.noneWhat')}</EmptyState>}
      />
      <Sheet opened={adding} onClose={close} label={t('products.add')}>
        <SheetHeader title={t('products.add')} />
        <Suspense>
          <ProductForm done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function ProductSheet({ productKey, row }: { productKey: string; row: ProductItem | undefined }) {
  const t = useWords('registers/customers');
  const navigate = useNavigate();
  return (
    <>
      <SheetHeader
        title={row?.name ?? productKey}
        sentence={productKey}
        primary={{
          label: t('open'),
          run: () => void navigate({ to: `/console/products/${productKey}` }),
        }}
      />
      <ProductBody productKey={productKey} />
    </>
  );
}

function columns(t: Words): readonly Column<ProductItem>[] {
  return [
    {
      id: 'name',
      label: t('name'),
      value: (product) => (
        <span>
          {product.name} <span className="kept-soft">{product.key}</span>
        </span>
      ),
      sort: true,
      width: 'minmax(11rem, 2fr)',
    },
    {
      id: 'kind',
      label: t('kind.label'),
      value: (product) => t(`kind.${product.kind}`),
      sort: true,
      width: 'minmax(9rem, 1fr)',
    },
    {
      id: 'custody',
      label: t('custody.label'),
      value: (product) => t(`custody.${product.custody}`),
      sort: true,
      width: 'minmax(9rem, 1fr)',
    },
    {
      id: 'customers',
      label: t('title'),
      value: (product) => t('number', { count: product.customers }),
      width: '7rem',
      align: 'end',
    },
    {
      id: 'holdings',
      label: t('map.lines'),
      value: (product) =>
        product.holdings === 0 ? t('map.missing') : t('number', { count: product.holdings }),
      width: '9rem',
      align: 'end',
    },
  ];
}
