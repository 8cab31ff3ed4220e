import { Modal, Select, TextInput } from '@mantine/core';
import type { routes as customerRoutes } from '../../registers/customers/routes.ts';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { nowMilliseconds } from '../../ui/clock.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { formatDate } from '../../ui/format.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useList, useRead } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { useLanguage, useWords } from '../../ui/words.ts';
import { eraseDays, reopenDays } from './facts.terms.ts';
import type { Closure } from './page.closures.tsx';
import type { closureRoutes } from './routes.closures.ts';
import type { requestRoutes } from './routes.requests.ts';

type Routes = ReturnType<typeof closureRoutes>;

/** Closes an account on behalf: by a verified request, with the account's key typed once more. */
export function ClosingDialog({ customerKey, close }: { customerKey: string; close: () => void }) {
  const t = useWords('clauses/retention');
  const read = useRead(useApi<typeof customerRoutes>().getCustomer, { key: customerKey });
  const name = read.data?.name ?? customerKey;
  return (
    <Modal opened onClose={close} title={t('closing.title', { name })}>
      {read.error ? (
        <ProblemNotice problem={read.error} />
      ) : (
        <ClosingForm customerKey={customerKey} done={close} />
      )}
    </Modal>
  );
}

function ClosingForm({ customerKey, done }: { customerKey: string; done: () => void }) {
  const t = useWords('clauses/retention');
  const requests = useList(useApi<typeof requestRoutes>().listCustomerRequests, {
    customer: customerKey,
    kind: 'close',
  });
  const request = useCommand(useApi<Routes>().requestClosure, {
    done: t('closing.done'),
    onDone: done,
  });
  const form = useFields(
    { requestId: null as string | null, confirmation: '' },
    request.fieldErrors,
  );
  const verified = requests.data?.items.filter(
    ({ verifiedAt, answeredAt }) => verifiedAt && !answeredAt,
  );
  return (
    <FieldForm
      onSubmit={() => void request.run({ key: customerKey, ...form.values })}
      submit={t('closing.verb')}
      will={t('closing.will', useDays())}
      running={request.running}
      problem={request.problem}
      onCancel={done}
      danger
      disabled={form.values.confirmation !== customerKey || !form.values.requestId}
    >
      <Select
        label={t('closing.request')}
        description={t('closing.requestWhat')}
        data={(verified ?? []).map(({ id, number, fromName }) => ({
          value: id,
          label: `${number} ${fromName}`,
        }))}
        {...form.choice('requestId')}
      />
      <TextInput
        label={t('closing.confirmation')}
        description={t('closing.confirmationWhat', { key: customerKey })}
        autoComplete="off"
        required
        {...form.text('confirmation')}
      />
    </FieldForm>
  );
}

/** The days that a closure of today would have. */
function useDays(): { readonly reopen: string; readonly erase: string } {
  const language = useLanguage();
  const { zone } = useReader();
  const now = nowMilliseconds();
  const on = (days: number) =>
    formatDate(new Date(now + days * 86_400_000).toISOString(), { language, zone });
  return { reopen: on(reopenDays), erase: on(eraseDays) };
}

export function ReopeningDialog({ closure, close }: { closure: Closure; close: () => void }) {
  const t = useWords('clauses/retention');
  const reopen = useCommand(useApi<Routes>().reopenAccount, {
    done: t('reopening.done'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      title={t('reopening.title', { name: closure.customer })}
      verb={t('reopening.verb')}
      run={() => void reopen.run({ key: closure.key })}
      running={reopen.running}
      problem={reopen.problem}
    >
      {t('reopening.will')}
    </ConfirmDialog>
  );
}
