import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { useWords } from '../../ui/words.ts';
import type { EntryLine, LedgerRoutes } from './facts.ledger.ts';
import { EntrySheet } from './page.entry.tsx';

type Words = ReturnType<typeof useWords>;

/** The ledger, entry by entry; each can be verified right here, by the reader's own browser. */
export default function LedgerPage() {
  const t = useWords('registers/evidence');
  const api = useApi<LedgerRoutes>();
  const ledger = useRead(api.getLedger, {}, { everySeconds: 15 });
  const [rotating, setRotating] = useState(false);
  const mayRotate = useMay('rotateLedgerKey');
  const mayExport = useMay('exportLedger');
  const size = ledger.data?.size ?? 0;
  const options = (values: readonly string[] = []) =>
    values.map((value) => ({ value, label: value }));
  return (
    <Page wide>
      <PageHeader
        title={t('ledger.title')}
        sentence={ledger.data?.at ? t('ledger.sentence', { count: size }) : t('ledger.none')}
        others={[
          ...(mayExport
            ? [
                {
                  label: t('ledger.export'),
                  run: () => window.location.assign('/api/v1/ledger/export'),
                },
              ]
            : []),
          { label: t('ledger.checkpoint'), run: () => window.open('/ledger/checkpoint') },
          ...(mayRotate ? [{ label: t('ledger.rotate'), run: () => setRotating(true) }] : []),
        ]}
      />
      <RegisterTable
        name="ledger"
        label={t('ledger.title')}
        list={api.listEntries}
        rowId={(entry) => String(entry.index)}
        columns={columns(t)}
        filters={[
          { id: 'type', label: t('ledger.type'), options: options(ledger.data?.types) },
          { id: 'clause', label: t('ledger.clause'), options: options(ledger.data?.clauses) },
          { id: 'subject', label: t('ledger.subject') },
          { id: 'actor', label: t('ledger.actor') },
        ]}
        csv={false}
        sheet={(index) => <EntrySheet index={Number(index)} />}
        empty={<EmptyState title={t('ledger.none')} />}
      />
      <Rotation opened={rotating} close={() => setRotating(false)} />
    </Page>
  );
}

function columns(t: Words): readonly Column<EntryLine>[] {
  return [
    { id: 'index', label: '#', value: (entry) => entry.index, width: '5.5rem', align: 'end' },
    {
      id: 'at',
      label: t('ledger.at'),
      value: (entry) => <RelativeTime at={entry.at} />,
      width: '9rem',
    },
    {
      id: 'type',
      label: t('ledger.type'),
      value: (entry) => entry.type,
      width: 'minmax(10rem, 2fr)',
      priority: 1,
    },
    {
      id: 'clause',
      label: t('ledger.clause'),
      value: (entry) => entry.clause,
      width: '8rem',
      priority: 3,
    },
    {
      id: 'subject',
      label: t('ledger.subject'),
      value: (entry) => <Subject subject={entry.subject} />,
      width: 'minmax(9rem, 2fr)',
    },
    {
      id: 'actor',
      label: t('ledger.actor'),
      value: (entry) => entry.actorName ?? entry.actor,
      width: 'minmax(8rem, 1fr)',
      priority: 3,
    },
  ];
}

/** A promise is linked to its place in the policy; other subjects are told by their kind and the end of their id. */
function Subject({ subject }: { subject: string }) {
  const [kind = '', id = ''] = subject.split('/');
  if (kind === 'promise') return <Link to={`/console/policy?promise=${id}`}>{id}</Link>;
  return <span title={subject}>{id.length > 12 ? `${kind} …${id.slice(-8)}` : subject}</span>;
}

function Rotation({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useWords('registers/evidence');
  const api = useApi<LedgerRoutes>();
  const rotate = useCommand(api.rotateLedgerKey, { done: t('ledger.rotated') });
  const run = async () => {
    if ((await rotate.run({})) !== undefined) close();
  };
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('ledger.rotate')}
      verb={t('ledger.rotateVerb')}
      run={run}
      running={rotate.running}
      problem={rotate.problem}
    >
      {t('ledger.rotateWhat')}
    </ConfirmDialog>
  );
}
