import { useState } from 'react';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { Column } from '../../ui/register/types.ts';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import classes from './page.campaign.module.css';
import type { routes } from './routes.ts';

const EmergencyDialog = lazily(async () => (await import('./page.asking.tsx')).EmergencyDialog);
const ReviewForm = lazily(async () => (await import('./page.emergencyreview.tsx')).ReviewForm);

type Emergency = output<(typeof routes)['listEmergencies']['output']>['items'][number];

const states = ['running', 'waiting', 'overdue', 'reviewed'] as const;

/** Access taken in emergencies, and what its review said. */
export default function EmergenciesPage() {
  const t = useWords('clauses/access');
  const api = useApi<typeof routes>();
  const [taking, setTaking] = useState(false);
  const mayTake = useMay('takeEmergency');
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/access-requests">{t('requests.title')}</Link>}
        title={t('emergencies.title')}
        sentence={t('emergencies.sentence')}
        primary={mayTake ? { label: t('emergency.take'), run: () => setTaking(true) } : undefined}
      />
      <RegisterTable
        name="emergencies"
        label={t('emergencies.title')}
        list={api.listEmergencies}
        rowId={(emergency) => emergency.id}
        defaultSort="-takenAt"
        columns={columns(t)}
        filters={[
          {
            id: 'state',
            label: t('request.state'),
            options: states.map((value) => ({ value, label: t(`emergencyState.${value}`) })),
          },
        ]}
        sheet={(id) => <EmergencySheet id={id} />}
        empty={<EmptyState title={t('emergencies.none')}>{t('emergencies.noneWhy')}</EmptyState>}
      />
      {taking && <EmergencyDialog close={() => setTaking(false)} />}
    </Page>
  );
}

function columns(t: Words): readonly Column<Emergency>[] {
  return [
    {
      id: 'person',
      label: t('item.person'),
      value: (emergency) => emergency.person,
      sort: true,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'entitlement',
      label: t('item.entitlement'),
      value: (emergency) => emergency.entitlement,
      priority: 1,
      width: 'minmax(8rem, 1fr)',
    },
    {
      id: 'system',
      label: t('item.system'),
      value: (emergency) => emergency.system,
      sort: true,
      width: 'minmax(6rem, 1fr)',
    },
    {
      id: 'state',
      label: t('request.state'),
      value: (emergency) =>
        emergency.verdict
          ? t(`verdict.${emergency.verdict}`)
          : t(`emergencyState.${emergency.state}`),
      width: '11rem',
    },
    {
      id: 'takenAt',
      label: t('emergency.takenAt'),
      value: (emergency) => <RelativeTime at={emergency.takenAt} />,
      sort: true,
      width: '8rem',
    },
    {
      id: 'reason',
      label: t('emergency.reason'),
      value: (emergency) => emergency.reason,
      priority: 3,
      width: 'minmax(8rem, 2fr)',
    },
  ];
}

/** Read by itself: tasks and mails link to one that the list may not have come to yet. */
function EmergencySheet({ id }: { id: string }) {
  const read = useList(useApi<typeof routes>().listEmergencies, { id, limit: 1 });
  const [emergency] = read.data?.items ?? [];
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  return emergency ? <EmergencyFacts emergency={emergency} /> : null;
}

function EmergencyFacts({ emergency }: { emergency: Emergency }) {
  const t = useWords('clauses/access');
  const moment = (at: string | null) => at && <RelativeTime at={at} />;
  const prose = (text: string) => text && <span className={classes.reason}>{text}</span>;
  return (
    <>
      <SheetHeader title={`${emergency.person} · ${emergency.entitlement}`} />
      <p>{t(`emergencySentence.${emergency.state}`)}</p>
      <Facts
        facts={[
          { label: t('item.system'), value: emergency.system },
          { label: t('emergency.reason'), value: prose(emergency.reason) },
          { label: t('emergency.takenAt'), value: moment(emergency.takenAt) },
          { label: t('emergency.endsAt'), value: moment(emergency.endedAt ?? emergency.endsAt) },
          { label: t('emergency.reviewDue'), value: moment(emergency.reviewDueAt) },
          {
            label: t('emergency.verdict'),
            value: emergency.verdict && t(`verdict.${emergency.verdict}`),
          },
          { label: t('emergency.note'), value: prose(emergency.note) },
          { label: t('emergency.reviewedBy'), value: emergency.reviewedBy },
          { label: t('emergency.reviewedAt'), value: moment(emergency.reviewedAt) },
        ]}
      />
      {emergency.mine && <ReviewForm id={emergency.id} />}
    </>
  );
}
