import { Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { PersonSelect } from '../../registers/page.PersonSelect.tsx';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { CustomerSelect } from './page.customerselect.tsx';
import type { requestRoutes } from './routes.requests.ts';
import type { RequestItem } from './store.requestlist.ts';

type StepProps = { readonly request: RequestItem; readonly done: () => void };
type Api = ReturnType<typeof useApi<typeof requestRoutes>>;
type Opening = Parameters<Api['openCustomerRequest']>[0];
type Answering = Parameters<Api['answerRequest']>[0];
type Verifying = Parameters<Api['verifyIdentity']>[0];

function useChoices() {
  const t = useWords('clauses/retention');
  return (room: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`requests.${room}.${value}`) }));
}

/** Takes in a request that came by letter, mail or telephone. */
export function OpenForm({ done }: { readonly done: () => void }) {
  const t = useWords('clauses/retention');
  const choices = useChoices();
  const open = useCommand(useApi<typeof requestRoutes>().openCustomerRequest, {
    done: t('requests.opened'),
    onDone: done,
  });
  const form = useFields(
    {
      customer: null as string | null,
      kind: 'access' as Opening['kind'],
      channel: 'letter' as Opening['channel'],
      fromName: '',
      fromAddress: '',
      receivedOn: '',
      what: '',
    },
    open.fieldErrors,
  );
  const { receivedOn, ...rest } = form.values;
  return (
    <FieldForm
      onSubmit={() => void open.run({ ...rest, receivedOn: receivedOn || null })}
      submit={t('requests.add')}
      will={t('requests.addWill')}
      running={open.running}
      problem={open.problem}
      onCancel={done}
    >
      <CustomerSelect
        label={t('requests.customer')}
        description={t('requests.customerHint')}
        {...form.choice('customer')}
      />
      <TextInput label={t('requests.fromName')} {...form.text('fromName')} />
      <TextInput label={t('requests.fromAddress')} {...form.text('fromAddress')} />
      <Select
        label={t('requests.kindLabel')}
        data={choices('kind', ['access', 'export', 'correct', 'delete', 'close'])}
        allowDeselect={false}
        {...form.choice('kind')}
      />
      <Select
        label={t('requests.channelLabel')}
        data={choices('channel', ['letter', 'mail', 'telephone'])}
        allowDeselect={false}
        {...form.choice('channel')}
      />
      <TextInput
        label={t('requests.received')}
        description={t('requests.receivedHint')}
        type="date"
        {...form.text('receivedOn')}
      />
      <Textarea label={t('requests.what')} required autosize minRows={3} {...form.text('what')} />
    </FieldForm>
  );
}

/** Says whose account a request is about. */
export function MatchForm({ request, done }: StepProps) {
  const t = useWords('clauses/retention');
  const [customer, setCustomer] = useState<string | null>(null);
  const match = useCommand(useApi<typeof requestRoutes>().matchRequest, {
    done: t('requests.matched'),
    onDone: done,
  });
  return (
    <FieldForm
      onSubmit={() => void match.run({ requestId: request.id, customer: customer ?? '' })}
      submit={t('requests.step.match')}
      will={t('requests.matchWill')}
      running={match.running}
      problem={match.problem}
      onCancel={done}
      disabled={!customer}
    >
      <CustomerSelect label={t('requests.customer')} value={customer} onChange={setCustomer} />
    </FieldForm>
  );
}

/** Records how it was made sure of who asks. */
export function VerifyForm({ request, done }: StepProps) {
  const t = useWords('clauses/retention');
  const choices = useChoices();
  const verify = useCommand(useApi<typeof requestRoutes>().verifyIdentity, {
    done: t('requests.verified'),
    onDone: done,
  });
  const form = useFields(
    { method: 'calledBack' as Verifying['method'], note: '' },
    verify.fieldErrors,
  );
  return (
    <FieldForm
      onSubmit={() => void verify.run({ requestId: request.id, ...form.values })}
      submit={t('requests.step.verify')}
      will={t('requests.verifyWill')}
      running={verify.running}
      problem={verify.problem}
      onCancel={done}
    >
      <Select
        label={t('requests.methodLabel')}
        data={choices('method', ['calledBack', 'knownAddress', 'document', 'contract'])}
        allowDeselect={false}
        {...form.choice('method')}
      />
      <Textarea label={t('requests.note')} required autosize minRows={2} {...form.text('note')} />
    </FieldForm>
  );
}

/** Records the answer; a contact is told of it by mail. */
export function AnswerForm({ request, done }: StepProps) {
  const t = useWords('clauses/retention');
  const choices = useChoices();
  const outcomes = request.verifiedAt
    ? ['done', 'partly', 'refused', 'withdrawn']
    : ['withdrawn', 'unverified'];
  const answer = useCommand(useApi<typeof requestRoutes>().answerRequest, {
    done: t('requests.answerDone'),
    onDone: done,
  });
  const form = useFields(
    { outcome: outcomes[0] as Answering['outcome'], answer: '' },
    answer.fieldErrors,
  );
  return (
    <FieldForm
      onSubmit={() => void answer.run({ requestId: request.id, ...form.values })}
      submit={t('requests.step.answer')}
      will={t(request.verifiedAt ? 'requests.answerWill' : 'requests.answerUnverified')}
      running={answer.running}
      problem={answer.problem}
      onCancel={done}
    >
      <Select
        label={t('requests.outcomeLabel')}
        data={choices('outcome', outcomes)}
        allowDeselect={false}
        {...form.choice('outcome')}
      />
      <Textarea
        label={t('requests.answer')}
        required
        autosize
        minRows={3}
        {...form.text('answer')}
      />
    </FieldForm>
  );
}

/** Lets somebody wait longer, once, and says why. */
export function ExtendForm({ request, done }: StepProps) {
  const t = useWords('clauses/retention');
  const [reason, setReason] = useState('');
  const settings = useRead(useApi<typeof requestRoutes>().readRequestSettings, {});
  const extend = useCommand(useApi<typeof requestRoutes>().extendRequest, {
    done: t('requests.extendDone'),
    onDone: done,
  });
  return (
    <FieldForm
      onSubmit={() => void extend.run({ requestId: request.id, reason })}
      submit={t('requests.step.extend')}
      will={t('requests.extendWill', { days: settings.data?.extensionDays ?? 0 })}
      running={extend.running}
      problem={extend.problem}
      onCancel={done}
    >
      <Textarea
        label={t('requests.reason')}
        required
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FieldForm>
  );
}

/** Gives a request to somebody to answer. */
export function AssignForm({ request, done }: StepProps) {
  const t = useWords('clauses/retention');
  const [ownerId, setOwner] = useState<string | null>(request.owner?.id ?? null);
  const assign = useCommand(useApi<typeof requestRoutes>().assignRequest, {
    done: t('requests.assigned'),
    onDone: done,
  });
  return (
    <FieldForm
      onSubmit={() => void assign.run({ requestId: request.id, ownerId: ownerId ?? '' })}
      submit={t('requests.step.assign')}
      running={assign.running}
      problem={assign.problem}
      onCancel={done}
      disabled={!ownerId}
    >
      <PersonSelect
        label={t('requests.owner')}
        value={ownerId}
        chosen={request.owner?.name}
        onChange={setOwner}
      />
    </FieldForm>
  );
}

/** How long people wait for an answer. */
export function SettingsForm({ done }: { readonly done: () => void }) {
  const read = useRead(useApi<typeof requestRoutes>().readRequestSettings, {});
  return read.data ? <SettingsFields settings={read.data} done={done} /> : null;
}

type SettingsProps = {
  readonly settings: { readonly answerDays: number; readonly extensionDays: number };
  readonly done: () => void;
};

function SettingsFields({ settings, done }: SettingsProps) {
  const t = useWords('clauses/retention');
  const change = useCommand(useApi<typeof requestRoutes>().changeRequestSettings, {
    done: t('requests.settingsDone'),
    onDone: done,
  });
  const form = useFields(
    { answerDays: String(settings.answerDays), extensionDays: String(settings.extensionDays) },
    change.fieldErrors,
  );
  const send = () =>
    change.run({
      answerDays: Number(form.values.answerDays),
      extensionDays: Number(form.values.extensionDays),
    });
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('requests.settingsSave')}
      will={t('requests.settingsWill')}
      running={change.running}
      problem={change.problem}
      onCancel={done}
    >
      <TextInput
        label={t('requests.answerDays')}
        type="number"
        min={1}
        max={90}
        {...form.text('answerDays')}
      />
      <TextInput
        label={t('requests.extensionDays')}
        type="number"
        min={1}
        max={90}
        {...form.text('extensionDays')}
      />
    </FieldForm>
  );
}
