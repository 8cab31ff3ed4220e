import { lazy, Suspense, useState } from 'react';
import { PersonLink } from '../../registers/page.PersonLink.tsx';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { routes } from './routes.ts';

const DisposalForm = lazy(() => import('./page.disposing.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
type Row = Awaited<ReturnType<Api['listDisposals']>>['items'][number];

const media = ['paper', 'file', 'storage', 'device', 'none'] as const;
const methods = ['clear', 'purge', 'destroy', 'none'] as const;

/** The register of disposal; whoever may not read it records their own all the same. */
export default function DisposalsPage() {
  const t = useWords('clauses/people');
  const api = useApi<typeof routes>();
  const may = useMay('readDisposals');
  const [holder] = useAddressValue('holder');
  const [recording, setRecording] = useState(false);
  const close = () => setRecording(false);
  return (
    <Page wide={may}>
      <PageHeader
        title={t('disposals.title')}
        sentence={<Link to="/console/undertakings/disposal">{t('disposals.guidance')}</Link>}
        primary={{ label: t('disposals.add'), run: () => setRecording(true) }}
      />
      {may ? (
        <RegisterTable
          name="disposals"
          label={t('disposals.title')}
          list={api.listDisposals}
          rowId={(row) => row.id}
          defaultSort="-disposedOn"
          columns={columns(t)}
          {...(holder ? { fixed: { holder } } : {})}
          filters={[
            {
              id: 'medium',
              label: t('disposals.medium'),
              options: media.map((value) => ({ value, label: t(`medium.${value}`) })),
            },
            {
              id: 'method',
              label: t('disposals.method'),
              options: methods.map((value) => ({ value, label: t(`method.${value}`) })),
            },
          ]}
          empty={<EmptyState title={t('disposals.none')}>{t('disposals.noneWhat')}</EmptyState>}
        />
      ) : (
        <EmptyState title={t('disposals.own')}>{t('disposals.ownWhat')}</EmptyState>
      )}
      <Sheet opened={recording} onClose={close} label={t('disposals.add')}>
        <SheetHeader title={t('disposals.add')} />
        <Suspense>
          <DisposalForm holder={holder ?? null} done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function columns(t: Words): Column<Row>[] {
  return [
    {
      id: 'what',
      label: t('disposals.what'),
      value: (row) => row.what || t(`medium.${row.medium}`),
      width: 'minmax(10rem, 3fr)',
    },
    {
      id: 'medium',
      label: t('disposals.medium'),
      value: (row) => t(`medium.${row.medium}`),
      priority: 3,
    },
    { id: 'method', label: t('disposals.method'), value: (row) => t(`method.${row.method}`) },
    {
      id: 'disposedOn',
      label: t('disposals.on'),
      value: (row) => <RelativeTime at={row.disposedOn} />,
      sort: true,
    },
    {
      id: 'holder',
      label: t('disposals.holder'),
      value: (row) => <PersonLink id={row.holderId} name={row.holder} />,
    },
    { id: 'witness', label: t('disposals.witness'), value: (row) => row.witness },
    { id: 'how', label: t('disposals.how'), value: (row) => row.how, priority: 3 },
    {
      id: 'recordedBy',
      label: t('disposals.recordedBy'),
      value: (row) => row.recordedBy,
      hidden: true,
    },
  ];
}
