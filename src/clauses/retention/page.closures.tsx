import type { output } from 'zod';
import { useAddressValue } from '../../ui/address.ts';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { lastMoment } from '../../ui/format.ts';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { useWords, type Words } from '../../ui/words.ts';
import { closureStates, eraseDays, reopenDays } from './facts.terms.ts';
import type { closureRoutes } from './routes.closures.ts';

const ClosureSheet = lazily(async () => (await import('./page.closure.tsx')).ClosureSheet);
const ClosingDialog = lazily(async () => (await import('./page.closing.tsx')).ClosingDialog);

type Routes = ReturnType<typeof closureRoutes>;
export type Closure = output<Routes['listClosures']['output']>['items'][number];

/** Every closure by its day. `?close=KEY` asks to close an account, on behalf of its customer. */
export default function ClosuresPage() {
  const t = useWords('clauses/retention');
  const api = useApi<Routes>();
  const [closing, setClosing] = useAddressValue('close');
  return (
    <Page wide>
      <PageHeader title={t('closures.title')} sentence={t('closures.sentence')} />
      <RegisterTable
        name="closures"
        label={t('closures.title')}
        list={api.listClosures}
        rowId={(closure) => closure.id}
        defaultSort="-requestedAt"
        columns={columns(t)}
        filters={[
          {
            id: 'state',
            label: t('closure.state'),
            options: closureStates.map((value) => ({ value, label: t(`closureState.${value}`) })),
          },
          {
            id: 'held',
            label: t('closure.held'),
            options: [
              { value: 'true', label: t('closure.heldYes') },
              { value: 'false', label: t('closure.heldNo') },
            ],
          },
        ]}
        sheet={(id) => <ClosureSheet id={id} />}
        empty={<EmptyState title={t('closures.none')}>{t('closures.noneWhy')}</EmptyState>}
      />
      {closing && <ClosingDialog customerKey={closing} close={() => setClosing(undefined)} />}
    </Page>
  );
}

/** Until day 30 it is counted towards that day, afterwards towards day 90. */
export function dayText(t: Words, { day, state }: Pick<Closure, 'day' | 'state'>): string {
  return t('closure.dayOf', {
    day,
    of: state === 'closing' && day <= reopenDays ? reopenDays : eraseDays,
  });
}

function columns(t: Words): readonly Column<Closure>[] {
  return [
    {
      id: 'customer',
      label: t('closure.customer'),
      value: (closure) => closure.customer,
      sort: true,
      width: 'minmax(9rem, 2fr)',
    },
    {
      id: 'state',
      label: t('closure.state'),
      value: (closure) => t(`closureState.${closure.state}`),
      priority: 1,
      width: 'minmax(8rem, 1.5fr)',
    },
    { id: 'day', label: t('closure.day'), value: (closure) => dayText(t, closure), width: '7rem' },
    {
      id: 'next',
      label: t('closure.next'),
      value: (closure) => t(`closureStep.${closure.step}`),
      priority: 2,
      width: 'minmax(9rem, 2fr)',
    },
    {
      id: 'dueAt',
      label: t('closure.at'),
      value: (closure) => closure.stepAt && <RelativeTime at={closure.stepAt} />,
      width: '8rem',
    },
    {
      id: 'eraseBy',
      label: t('closure.eraseBy'),
      value: ({ certifiedAt, reopenedAt, eraseBy }) =>
        !reopenedAt && <RelativeTime at={certifiedAt ?? lastMoment(eraseBy)} />,
      sort: true,
      priority: 3,
      width: '8rem',
    },
    {
      id: 'requestedAt',
      label: t('closure.requestedAt'),
      value: (closure) => <RelativeTime at={closure.requestedAt} />,
      sort: true,
      priority: 3,
      width: '8rem',
    },
    {
      id: 'product',
      label: t('closure.product'),
      value: (closure) => closure.product,
      hidden: true,
    },
  ];
}
