import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import { SubjectTimeline } from '../page.timeline.tsx';
import { ProductMap } from './page.map.tsx';
import type { productRoutes } from './routes.products.ts';

const ProductForm = lazily(async () => (await import('./page.productform.tsx')).default);

type Api = ReturnType<typeof useApi<typeof productRoutes>>;
export type WholeProduct = Awaited<ReturnType<Api['getProduct']>>;
type Asking = 'edit' | 'retire' | null;

/** A product's page: what it is, its data map, what happened. */
export default function ProductPage() {
  const t = useWords('registers/customers');
  const key = useParam('key');
  const read = useRead(useApi<typeof productRoutes>().getProduct, { key });
  const [asking, setAsking] = useState<Asking>(null);
  const actions = useProductActions(read.data, setAsking);
  const close = () => setAsking(null);
  const mayLedger = useMay('readLedger');
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const product = read.data;
  if (!product) return <Page>{null}</Page>;
  return (
    <Page>
      <PageHeader
        title={product.name}
        sentence={product.retiredAt ? t('products.retired') : t(`kindSentence.${product.kind}`)}
        above={<Link to="/console/products">{t('products.title')}</Link>}
        {...actions}
      />
      <FactsAndTimeline
        facts={<ProductBody productKey={product.key} />}
        timeline={
          mayLedger && (
            <Section title={t('timeline')}>
              <SubjectTimeline subject={`product/${product.id}`} />
            </Section>
          )
        }
      />
      <Sheet opened={asking === 'edit'} onClose={close} label={t('edit')}>
        <SheetHeader title={t('edit')} sentence={product.name} />
        <ProductForm key={product.version} product={product} done={close} />
      </Sheet>
      <Retiring product={product} opened={asking === 'retire'} close={close} />
    </Page>
  );
}

function useProductActions(product: WholeProduct | undefined, ask: (what: Asking) => void) {
  const t = useWords('registers/customers');
  const mayChange = useMay('changeProduct');
  const mayRetire = useMay('retireProduct');
  if (!product || product.retiredAt) return {};
  const others: Action[] = mayRetire
    ? [{ label: t('products.retire'), run: () => ask('retire'), danger: true }]
    : [];
  return { primary: mayChange ? { label: t('edit'), run: () => ask('edit') } : undefined, others };
}

/** Facts of a product and its data map: on its page and over the list. */
export function ProductBody({ productKey }: { productKey: string }) {
  const t = useWords('registers/customers');
  const read = useRead(useApi<typeof productRoutes>().getProduct, { key: productKey });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const product = read.data;
  if (!product) return null;
  return (
    <>
      <Facts
        facts={[
          { label: t('key'), value: product.key },
          { label: t('kind.label'), value: t(`kind.${product.kind}`) },
          { label: t('custody.label'), value: t(`custody.${product.custody}`) },
          {
            label: t('title'),
            value: (
              <Link to={`/console/customers?product=${product.key}`}>
                {t('number', { count: product.customers })}
              </Link>
            ),
          },
          {
            label: t('products.retired'),
            value: product.retiredAt && <RelativeTime at={product.retiredAt} />,
          },
        ]}
      />
      <ProductMap product={product} />
    </>
  );
}

function Retiring(props: { product: WholeProduct; opened: boolean; close: () => void }) {
  const t = useWords('registers/customers');
  const { product, opened, close } = props;
  const retire = useCommand(useApi<typeof productRoutes>().retireProduct, {
    done: t('products.retiredDone'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      danger
      title={t('products.retireAsk', { name: product.name })}
      verb={t('products.retire')}
      run={() => void retire.run({ key: product.key })}
      running={retire.running}
      problem={retire.problem}
    >
      <p>{t('products.retireWhat')}</p>
    </ConfirmDialog>
  );
}
