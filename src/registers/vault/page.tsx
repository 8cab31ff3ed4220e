import { Skeleton } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import { type VaultOverview, type VaultProduct, vaultApi } from './page.api.ts';
import { Numbers, UnwrapFigure, useNumber } from './page.numbers.tsx';
import { Tokens } from './page.tokens.tsx';

/** The vault in numbers, and the tokens by which products come to it. */
export default function VaultPage() {
  const t = useWords('registers/vault');
  const read = useRead(vaultApi.getVault, {});
  const [rotating, setRotating] = useState(false);
  const mayRotate = useMay('rotateKek');
  const others = mayRotate ? [{ label: t('kek.rotate'), run: () => setRotating(true) }] : [];
  return (
    <Page>
      <PageHeader title={t('title')} sentence={t('sentence')} others={others} />
      {read.error && <ProblemNotice problem={read.error} retry={() => read.refetch()} />}
      {read.data ? <Overview vault={read.data} /> : <Skeleton height={600} />}
      <Rotating opened={rotating} close={() => setRotating(false)} />
    </Page>
  );
}

function Overview({ vault }: { vault: VaultOverview }) {
  const t = useWords('registers/vault');
  return (
    <>
      <Section title={t('unwraps.title')}>
        <UnwrapFigure days={vault.days} />
      </Section>
      <Section title={t('products.title')}>
        {vault.products.length === 0 ? (
          <EmptyState title={t('products.none')}>{t('products.noneWhat')}</EmptyState>
        ) : (
          <Products products={vault.products} />
        )}
      </Section>
      <Section title={t('tokens.title')}>
        <p className="kept-soft">
          {t('tokens.address')} <code className="kept-code">{vault.url}</code>
        </p>
        <Tokens tokens={vault.tokens} products={vault.products} />
      </Section>
    </>
  );
}

function Products({ products }: { products: readonly VaultProduct[] }) {
  const t = useWords('registers/vault');
  const language = useLanguage();
  const number = useNumber();
  return (
    <Numbers
      caption={t('products.title')}
      heads={[
        t('products.name'),
        t('products.custody'),
        t('products.customers'),
        t('objects'),
        t('records'),
        t('bytes'),
      ]}
      rows={products.map((it) => ({
        id: it.id,
        cells: [
          <Link key="name" to={`/console/products/${it.key}`}>
            {it.name}
          </Link>,
          t(`custody.${it.custody}`),
          number(it.customers),
          number(it.objects),
          number(it.records),
          formatBytes(it.bytes, language),
        ],
      }))}
    />
  );
}

function Rotating({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useWords('registers/vault');
  const rotate = useCommand(vaultApi.rotateKek, { done: t('kek.done'), onDone: close });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('kek.ask')}
      verb={t('kek.rotate')}
      run={() => void rotate.run({})}
      running={rotate.running}
      problem={rotate.problem}
    >
      <p>{t('kek.what')}</p>
    </ConfirmDialog>
  );
}
