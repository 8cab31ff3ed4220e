import { Skeleton } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import { type CustomerHolding, vaultApi } from './page.api.ts';
import { Numbers, UnwrapFigure, useNumber } from './page.numbers.tsx';

/** What is held for one customer, in numbers: never names, never contents. */
export default function HoldingPage() {
  const t = useWords('registers/vault');
  const key = useParam('key');
  const read = useRead(vaultApi.getCustomerVault, { key });
  const [asking, setAsking] = useState(false);
  const mayRekey = useMay('rekeyCustomer');
  const held = read.data;
  const canRekey = mayRekey && held?.state === 'open' && held.keys.length > 0;
  const others = canRekey ? [{ label: t('rekey.verb'), run: () => setAsking(true) }] : [];
  return (
    <Page>
      <PageHeader
        title={t('holding.title', { name: held?.name ?? key })}
        sentence={t('holding.sentence')}
        above={<Link to={`/console/customers/${key}`}>{held?.name ?? key}</Link>}
        others={others}
      />
      {read.error && <ProblemNotice problem={read.error} retry={() => read.refetch()} />}
      {held ? <Holding held={held} /> : <Skeleton height={600} />}
      {held && <Rekeying held={held} opened={asking} close={() => setAsking(false)} />}
    </Page>
  );
}

function Holding({ held }: { held: CustomerHolding }) {
  const t = useWords('registers/vault');
  const language = useLanguage();
  const number = useNumber();
  const bytes = held.usage.objectBytes + held.usage.recordBytes;
  const of = (used: string, most: string) => t('holding.of', { used, most });
  return (
    <>
      <Facts
        facts={[
          {
            label: t('objects'),
            value: of(number(held.usage.objects), number(held.quota.objects)),
          },
          {
            label: t('records'),
            value: of(number(held.usage.records), number(held.quota.records)),
          },
          {
            label: t('bytes'),
            value: of(formatBytes(bytes, language), formatBytes(held.quota.bytes, language)),
          },
        ]}
      />
      <Collections held={held} />
      <Keys held={held} />
      <Section title={t('unwraps.title')}>
        <UnwrapFigure days={held.days} />
        <Unwraps held={held} />
      </Section>
    </>
  );
}

function Collections({ held }: { held: CustomerHolding }) {
  const t = useWords('registers/vault');
  const language = useLanguage();
  const number = useNumber();
  return (
    <Section title={t('collections.title')}>
      {held.collections.length === 0 ? (
        <EmptyState title={t('collections.none')}>{t('collections.noneWhat')}</EmptyState>
      ) : (
        <Numbers
          caption={t('collections.title')}
          heads={[t('collections.name'), t('objects'), t('records'), t('bytes'), t('changed')]}
          rows={held.collections.map((it) => ({
            id: it.collection,
            cells: [
              it.collection,
              number(it.objects),
              number(it.records),
              formatBytes(it.objectBytes + it.recordBytes, language),
              <RelativeTime key="changed" at={it.changedAt} />,
            ],
          }))}
        />
      )}
    </Section>
  );
}

function Keys({ held }: { held: CustomerHolding }) {
  const t = useWords('registers/vault');
  const number = useNumber();
  const standing = (key: CustomerHolding['keys'][number]) => {
    if (key.destroyedAt) return t('keys.gone');
    return t(key.replacedAt ? (key.issuedAt ? 'keys.kept' : 'keys.leaving') : 'keys.current');
  };
  return (
    <Section title={t('keys.title')}>
      {held.keys.length === 0 ? (
        <EmptyState title={t('keys.none')} />
      ) : (
        <Numbers
          caption={t('keys.title')}
          heads={[
            t('keys.version'),
            t('keys.made'),
            t('keys.standing'),
            t('objects'),
            t('records'),
          ]}
          rows={held.keys.map((it) => ({
            id: String(it.version),
            cells: [
              number(it.version),
              <RelativeTime key="made" at={it.madeAt} />,
              standing(it),
              number(it.objects),
              number(it.records),
            ],
          }))}
        />
      )}
    </Section>
  );
}

function Unwraps({ held }: { held: CustomerHolding }) {
  const t = useWords('registers/vault');
  const number = useNumber();
  if (held.unwraps.length === 0) return <EmptyState title={t('unwraps.none')} />;
  return (
    <Numbers
      caption={t('unwraps.last')}
      heads={[t('unwraps.when'), t('unwraps.who'), t('unwraps.why'), t('unwraps.count')]}
      rows={held.unwraps.map((it) => ({
        id: it.id,
        cells: [
          <RelativeTime key="to" at={it.to} />,
          `${t(`by.${it.kind === 'case' ? 'staff' : it.kind}`)}${it.who ? ` · ${it.who}` : ''}`,
          it.purpose,
          number(it.operations),
        ],
      }))}
    />
  );
}

function Rekeying(props: { held: CustomerHolding; opened: boolean; close: () => void }) {
  const t = useWords('registers/vault');
  const { held, opened, close } = props;
  const rekey = useCommand(vaultApi.rekeyCustomer, { done: t('rekey.done'), onDone: close });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('rekey.ask', { name: held.name ?? held.key })}
      verb={t('rekey.verb')}
      run={() => void rekey.run({ customerId: held.id })}
      running={rekey.running}
      problem={rekey.problem}
    >
      <p>{t('rekey.what')}</p>
    </ConfirmDialog>
  );
}
