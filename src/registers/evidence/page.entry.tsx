import { Button, Code, Group } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useWords } from '../../ui/words.ts';
import type { LedgerRoutes, Proof, WholeEntry } from './facts.ledger.ts';
import { bytesOf, type Verified, verifyProof } from './verify.ts';

/** One entry: what it says, what is private in it, and its proof, checked by the reader's browser. */
export function EntrySheet({ index }: { index: number }) {
  const t = useWords('registers/evidence');
  const api = useApi<LedgerRoutes>();
  const whole = useRead(api.getEntry, { index });
  if (whole.error) return <ProblemNotice problem={whole.error} retry={() => whole.refetch()} />;
  if (!whole.data) return null;
  const entry = whole.data.entry as {
    at: string;
    actor: string;
    clause: string;
    type: string;
    subject: string;
    body: object;
  };
  return (
    <>
      <SheetHeader title={`#${index} ${entry.type}`} />
      <Facts
        facts={[
          { label: t('ledger.at'), value: <RelativeTime at={entry.at} /> },
          { label: t('ledger.actor'), value: entry.actor },
          { label: t('ledger.clause'), value: entry.clause },
          { label: t('ledger.subject'), value: entry.subject },
        ]}
      />
      <Section title={t('ledger.verification')}>
        <Verification whole={whole.data} />
      </Section>
      <Section title={t('ledger.body')}>
        <Code block tabIndex={0}>
          {JSON.stringify(entry.body, null, 2)}
        </Code>
      </Section>
      <Private whole={whole.data} />
    </>
  );
}

function Private({ whole }: { whole: WholeEntry }) {
  const t = useWords('registers/evidence');
  const committed = Object.keys((whole.entry as { private: Record<string, string> }).private);
  if (committed.length === 0) return null;
  return (
    <Section title={t('ledger.private')}>
      <p className="kept-soft">{t('ledger.privateWhat')}</p>
      <Facts
        facts={committed.map((field) => ({
          label: field,
          value: whole.private[field]
            ? JSON.stringify(whole.private[field].value)
            : t('ledger.closed'),
        }))}
      />
    </Section>
  );
}

function Verification({ whole }: { whole: WholeEntry }) {
  const t = useWords('registers/evidence');
  const proof = useRead(useApi<LedgerRoutes>().proveEntry, { index: whole.index });
  const [verified, setVerified] = useState<Verified>();
  if (proof.error) return <ProblemNotice problem={proof.error} retry={() => proof.refetch()} />;
  const given = proof.data;
  const verify = async () => {
    if (given) setVerified(await verifyProof(bytesOf(whole.bytes), given));
  };
  return (
    <>
      <p className="kept-soft">{t('ledger.verifyWhat', { count: given?.size ?? 0 })}</p>
      <Group gap="xs">
        <Button size="xs" disabled={!given} onClick={verify}>
          {t('ledger.verify')}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={!given}
          onClick={() => given && download(whole, given)}
        >
          {t('ledger.download')}
        </Button>
      </Group>
      {verified && <Outcome verified={verified} />}
    </>
  );
}

function Outcome({ verified }: { verified: Verified }) {
  const t = useWords('registers/evidence');
  const line = (name: 'leaf' | 'root' | 'signature', holds: boolean | null) => (
    <li>
      <StatusMark status={holds === null ? 'unknown' : holds ? 'kept' : 'broken'}>
        {t(`ledger.${name}.${holds === null ? 'unknown' : holds ? 'holds' : 'fails'}`)}
      </StatusMark>
    </li>
  );
  return (
    <ul aria-live="polite" style={{ listStyle: 'none', padding: 0 }}>
      {line('leaf', verified.leaf)}
      {line('root', verified.root)}
      {line('signature', verified.signature)}
    </ul>
  );
}

/** Everything that a verifier needs, in one file that says what is what. */
function download(whole: WholeEntry, proof: Proof): void {
  const content = JSON.stringify({ entry: whole.bytes, ...proof }, null, 2);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  link.download = `kept-entry-${whole.index}-proof.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}
