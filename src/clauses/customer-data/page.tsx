import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { bases, shownStates } from './facts.terms.ts';
import { CaseSummary } from './page.facts.tsx';
import type { routes } from './routes.ts';

const CaseFigures = lazy(() => import('./page.figures.tsx'));
const SettingsForm = lazy(() => import('./page.settings.tsx'));

type CaseItem = output<(typeof routes)['listCases']['output']>['items'][number];

/** Cases: every time that staff asked to read what customers entrusted to us. */
export default function CasesPage() {
  const t = useWords('clauses/customer-data');
  const api = useApi<typeof routes>();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'figures' | 'settings' | null>(null);
  const mayAsk = useMay('requestCase');
  const maySet = useMay('changeCaseSettings');
  const ask = { label: t('ask'), run: () => void navigate({ to: '/console/cases/new' }) };
  const others: Action[] = [{ label: t('figures.title'), run: () => setOpen('figures') }];
  if (maySet) others.push({ label: t('settings.title'), run: () => setOpen('settings') });
  const close = () => setOpen(null);
  return (
    <Page wide>
      <PageHeader
        title={t('title')}
        sentence={<DaysSince />}
        primary={mayAsk ? ask : undefined}
        others={others}
      />
      <RegisterTable
        name="cases"
        label={t('title')}
        list={api.listCases}
        rowId={(each) => each.id}
        defaultSort="-askedAt"
        columns={columns(t)}
        filters={[
          {
            id: 'state',
            label: t('state'),
            options: shownStates.map((value) => ({ value, label: t(`states.${value}`) })),
          },
          {
            id: 'basis',
            label: t('basis'),
            options: bases.map((value) => ({ value, label: t(`bases.${value}`) })),
          },
          {
            id: 'emergency',
            label: t('emergency'),
            options: (['true', 'false'] as const).map((value) => ({ value, label: t(value) })),
          },
        ]}
        sheet={(id) => <CaseSummary id={id} />}
        empty={
          <EmptyState
            title={t('none')}
            action={mayAsk ? <Link to="/console/cases/new">{t('ask')}</Link> : undefined}
          >
            {t('noneWhy')}
          </EmptyState>
        }
      />
      <Sheet opened={open !== null} onClose={close} label={t(`${open ?? 'figures'}.title`)}>
        <SheetHeader title={t(`${open ?? 'figures'}.title`)} />
        <Suspense>
          {open === 'figures' && <CaseFigures />}
          {open === 'settings' && <SettingsForm done={close} />}
        </Suspense>
      </Sheet>
    </Page>
  );
}

/** The figure that the public page shows too. */
function DaysSince() {
  const t = useWords('clauses/customer-data');
  const figures = useRead(useApi<typeof routes>().getCaseFigures, {});
  if (!figures.data) return null;
  const { days, open, waiting } = figures.data;
  const since = sinceText(days, t);
  return <>{open + waiting > 0 ? t('figures.now', { since, open, waiting }) : since}</>;
}

function sinceText(days: number | null, t: Words): string {
  if (days === null) return t('figures.never');
  return days === 0 ? t('figures.today') : t('figures.days', { days });
}

function columns(t: Words): readonly Column<CaseItem>[] {
  return [
    {
      id: 'customer',
      label: t('customer'),
      value: (each) => each.customer,
      sort: true,
      width: 'minmax(11rem, 2fr)',
    },
    {
      id: 'state',
      label: t('state'),
      value: (each) => t(`states.${each.state}`),
      width: '10rem',
    },
    {
      id: 'purpose',
      label: t('purpose'),
      value: (each) => each.purpose,
      priority: 3,
      width: 'minmax(8rem, 2fr)',
    },
    {
      id: 'requester',
      label: t('requester'),
      value: (each) => each.requester,
      sort: true,
      priority: 1,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'basis',
      label: t('basis'),
      value: (each) => t(`bases.${each.basis}`),
      priority: 3,
      width: '8rem',
    },
    { id: 'reads', label: t('reads'), value: (each) => each.reads, priority: 3, width: '5rem' },
    {
      id: 'askedAt',
      label: t('askedAt'),
      value: (each) => <RelativeTime at={each.askedAt} />,
      sort: true,
      priority: 1,
      width: '8rem',
    },
  ];
}
