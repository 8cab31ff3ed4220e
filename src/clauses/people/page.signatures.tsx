import { lazy, Suspense, useState } from 'react';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { type Language, useLanguage, useWords, type Words } from '../../ui/words.ts';
import { nameColumn } from './page.nameColumn.tsx';
import type { routes } from './routes.ts';

const PaperForm = lazy(() => import('./page.paper.tsx'));

type Api = ReturnType<typeof useApi<typeof routes>>;
type Row = Awaited<ReturnType<Api['listSignatures']>>['items'][number];

const states = ['overdue', 'owed', 'signed'] as const;
const marks = { overdue: 'broken', owed: 'due', signed: 'kept' } as const;

/** Who has signed what, and who has not. */
export default function SignaturesPage() {
  const t = useWords('clauses/people');
  const language = useLanguage();
  const api = useApi<typeof routes>();
  const documents = useRead(api.listUndertakings, {});
  const mayFile = useMay('fileUndertaking');
  const [person] = useAddressValue('person');
  const [filing, setFiling] = useState(false);
  const close = () => setFiling(false);
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/undertakings">{t('undertakings.title')}</Link>}
        title={t('signatures.title')}
        sentence={
          person && <Link to="/console/undertakings/signatures">{t('lists.everyone')}</Link>
        }
        {...(mayFile ? { primary: { label: t('paper.add'), run: () => setFiling(true) } } : {})}
      />
      <RegisterTable
        name="signatures"
        label={t('signatures.title')}
        list={api.listSignatures}
        rowId={(row) => `${row.personId}-${row.document}`}
        defaultSort="name"
        columns={columns(t, language)}
        {...(person ? { fixed: { person } } : {})}
        filters={[
          {
            id: 'state',
            label: t('lists.state'),
            options: states.map((value) => ({ value, label: t(`signatures.states.${value}`) })),
          },
          {
            id: 'document',
            label: t('signatures.document'),
            options: (documents.data?.items ?? []).map(({ document, titles }) => ({
              value: document,
              label: titles[language],
            })),
          },
          { id: 'department', label: t('lists.department') },
        ]}
        empty={<EmptyState title={t('undertakings.none')}>{t('undertakings.noneWhat')}</EmptyState>}
      />
      <Sheet opened={filing} onClose={close} label={t('paper.add')}>
        <SheetHeader title={t('paper.add')} />
        <Suspense>
          <PaperForm done={close} />
        </Suspense>
      </Sheet>
    </Page>
  );
}

function columns(t: Words, language: Language): Column<Row>[] {
  return [
    nameColumn(t),
    {
      id: 'document',
      label: t('signatures.document'),
      value: (row) => row.titles[language],
      width: 'minmax(10rem, 2fr)',
    },
    {
      id: 'state',
      label: t('lists.state'),
      value: (row) => (
        <StatusMark status={marks[row.state]}>{t(`signatures.states.${row.state}`)}</StatusMark>
      ),
    },
    {
      id: 'dueOn',
      label: t('lists.dueOn'),
      value: (row) => row.dueOn && <RelativeTime at={row.dueOn} />,
      sort: true,
    },
    {
      id: 'signedAt',
      label: t('signatures.signedAt'),
      value: (row) => row.signedAt && <RelativeTime at={row.signedAt} />,
      sort: true,
    },
    {
      id: 'how',
      label: t('signatures.how'),
      value: (row) =>
        row.paper ? (
          <a href={`/api/v1/signatures/papers/${row.paper}`} download>
            {t('signatures.uploaded', { witness: row.witness ?? '' })}
          </a>
        ) : (
          row.how && t('signatures.inKept')
        ),
      priority: 3,
    },
    {
      id: 'department',
      label: t('lists.department'),
      value: (row) => row.department,
      sort: true,
      hidden: true,
    },
  ];
}
