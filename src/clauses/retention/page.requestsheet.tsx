import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { SubjectTimeline } from '../../registers/page.timeline.tsx';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { useWords } from '../../ui/words.ts';
import type { requestRoutes } from './routes.requests.ts';
import type { RequestItem } from './store.requestlist.ts';

const MatchForm = lazily(async () => (await import('./page.requestforms.tsx')).MatchForm);
const VerifyForm = lazily(async () => (await import('./page.requestforms.tsx')).VerifyForm);
const AnswerForm = lazily(async () => (await import('./page.requestforms.tsx')).AnswerForm);
const ExtendForm = lazily(async () => (await import('./page.requestforms.tsx')).ExtendForm);
const AssignForm = lazily(async () => (await import('./page.requestforms.tsx')).AssignForm);
const ExportForm = lazily(async () => (await import('./page.behalfforms.tsx')).ExportForm);
const DeleteForm = lazily(async () => (await import('./page.behalfforms.tsx')).DeleteForm);
const CorrectForm = lazily(async () => (await import('./page.behalfforms.tsx')).CorrectForm);

/** A request: who asks for what, how far it is, and what comes next. */
export function RequestSheet({ id }: { id: string }) {
  const t = useWords('clauses/retention');
  const mayLedger = useMay('readLedger');
  const read = useRead(useApi<typeof requestRoutes>().getCustomerRequest, { requestId: id });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  const request = read.data;
  if (!request) return null;
  return (
    <>
      <SheetHeader
        title={t('requests.titleOf', {
          number: String(request.number),
          kind: t(`requests.kind.${request.kind}`),
        })}
        sentence={t(`requests.next.${request.standing}`)}
      />
      {request.held && !request.answeredAt && (
        <StatusMark status="due">{t('requests.held')}</StatusMark>
      )}
      <p>{request.what || t('requests.over')}</p>
      <RequestFacts request={request} />
      <NextSteps key={`${request.standing}/${request.verifiedAt}`} request={request} />
      {mayLedger && (
        <Section title={t('requests.timeline')}>
          <SubjectTimeline subject={`request/${request.id}`} />
        </Section>
      )}
    </>
  );
}

function RequestFacts({ request }: { request: RequestItem }) {
  const t = useWords('clauses/retention');
  const at = (moment: string | null) => moment && <RelativeTime at={moment} />;
  const { customer, contact, method } = request;
  return (
    <Facts
      facts={[
        {
          label: t('requests.customer'),
          value: customer && (
            <Link to={`/console/customers/${customer.key}`}>{customer.name ?? customer.key}</Link>
          ),
        },
        { label: t('requests.contact'), value: contact?.name },
        { label: t('requests.fromName'), value: request.fromName },
        { label: t('requests.fromAddress'), value: request.fromAddress },
        { label: t('requests.channelLabel'), value: t(`requests.channel.${request.channel}`) },
        { label: t('requests.received'), value: at(request.receivedOn) },
        { label: t('requests.due'), value: request.answeredAt ? null : at(request.dueAt) },
        { label: t('requests.extended'), value: request.extension },
        { label: t('requests.owner'), value: request.owner?.name ?? t('requests.nobody') },
        {
          label: t('requests.identity'),
          value: method ? (
            <span>
              {t(`requests.method.${method}`)} {request.verifiedBy?.name} {at(request.verifiedAt)}
            </span>
          ) : (
            t('requests.notVerified')
          ),
        },
        { label: t('requests.answered'), value: at(request.answeredAt) },
        {
          label: t('requests.outcomeLabel'),
          value: request.outcome && t(`requests.outcome.${request.outcome}`),
        },
        { label: t('requests.answer'), value: request.answer },
      ]}
    />
  );
}

type Act = 'export' | 'delete' | 'correct';
type Step = 'match' | 'verify' | 'answer' | 'extend' | 'assign' | Act;

const permissions: Readonly<Record<Step, string>> = {
  match: 'matchRequest',
  verify: 'verifyIdentity',
  answer: 'answerRequest',
  extend: 'extendRequest',
  assign: 'assignRequest',
  export: 'actForCustomer',
  delete: 'actForCustomer',
  correct: 'actForCustomer',
};
const forms = {
  match: MatchForm,
  verify: VerifyForm,
  answer: AnswerForm,
  extend: ExtendForm,
  assign: AssignForm,
  export: ExportForm,
  delete: DeleteForm,
  correct: CorrectForm,
} as const;

/** What may be done about it now, in the order in which it is done. */
function NextSteps({ request }: { request: RequestItem }) {
  const t = useWords('clauses/retention');
  const reader = useReader();
  const [step, setStep] = useState<Step | null>(null);
  if (request.answeredAt) return null;
  const steps = stepsOf(request).filter((each) => reader.permissions.includes(permissions[each]));
  const Form = step ? forms[step] : null;
  return (
    <Section title={t('requests.steps')}>
      <Group gap="xs" mb="sm">
        {steps.map((each) => (
          <Button
            key={each}
            size="xs"
            variant={each === steps[0] && step === null ? 'filled' : 'default'}
            aria-expanded={step === each}
            onClick={() => setStep(step === each ? null : each)}
          >
            {t(`requests.step.${each}`)}
          </Button>
        ))}
      </Group>
      {Form && <Form request={request} done={() => setStep(null)} />}
    </Section>
  );
}

/** What is done here about a request; an account is closed on its own page. */
const acts: Readonly<Record<RequestItem['kind'], readonly Act[]>> = {
  access: ['export'],
  export: ['export'],
  delete: ['delete'],
  correct: ['correct'],
  close: [],
};

function stepsOf({ kind, customer, verifiedAt, extendedAt }: RequestItem): readonly Step[] {
  const next: readonly Step[] = verifiedAt ? acts[kind] : ['verify'];
  const first: readonly Step[] = customer ? next : ['match'];
  return [...first, 'answer', 'assign', ...(extendedAt ? [] : (['extend'] as const))];
}
