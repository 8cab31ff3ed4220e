import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Link } from '../../ui/Link.tsx';
import { Section } from '../../ui/Page.tsx';
import type { Action } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useList } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import { PersonLink } from '../page.PersonLink.tsx';
import type { AccessItem } from './list.grants.ts';
import type { routes } from './routes.ts';

/** One access: what reads show of it, who approved it, and what can be done. `id` is `account_entitlement`. */
export default function AccessSheet({ id }: { id: string }) {
  const t = useWords('registers/accounts');
  const [account = '', entitlement = ''] = id.split('_');
  const read = useList(useApi<typeof routes>().listGrants, { account, entitlement, limit: 1 });
  const [approving, setApproving] = useState(false);
  const [ending, setEnding] = useState(false);
  const access = read.data?.items[0];
  const actions = useAccessActions(access, {
    approve: () => setApproving(true),
    end: () => setEnding(true),
  });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  if (!access) return read.data ? <p>{t('goneMeanwhile')}</p> : null;
  return (
    <>
      <SheetHeader
        title={access.entitlement}
        sentence={t('of', { account: access.account, system: access.systemName })}
        {...actions}
      />
      <AccessFacts access={access} />
      {approving && (
        <Section title={t('approve.title')}>
          <ApproveForm access={access} done={() => setApproving(false)} />
        </Section>
      )}
      <EndGrant access={access} opened={ending} close={() => setEnding(false)} />
    </>
  );
}

function useAccessActions(
  access: AccessItem | undefined,
  acts: { approve: () => void; end: () => void },
) {
  const t = useWords('registers/accounts');
  const mayApprove = useMay('approveGrant');
  const mayEnd = useMay('endGrant');
  const mayMark = useMay('markEntitlement');
  const mark = useCommand(useApi<typeof routes>().markEntitlement, { done: t('marked') });
  if (!access) return {};
  const others: Action[] = [];
  if (mayEnd && access.grantId) others.push({ label: t('end.title'), run: acts.end, danger: true });
  if (mayMark) {
    const { entitlementId: id, privileged } = access;
    others.push({
      label: t(privileged ? 'unmark' : 'mark'),
      run: () => void mark.run({ id, privileged: !privileged }),
    });
  }
  const primary =
    mayApprove && !access.grantId ? { label: t('approve.title'), run: acts.approve } : undefined;
  return { primary, others };
}

function AccessFacts({ access }: { access: AccessItem }) {
  const t = useWords('registers/accounts');
  const { observedSince, grantedAt, endsOn, personId } = access;
  return (
    <Facts
      facts={[
        { label: t('state.label'), value: t(`state.${access.state}`) },
        {
          label: t('account'),
          value: <Link to={`/console/accounts/${access.accountId}`}>{access.account}</Link>,
        },
        {
          label: t('person'),
          value: personId ? <PersonLink id={personId} name={access.person} /> : t('nobody'),
        },
        { label: t('department'), value: access.department },
        { label: t('privileged.label'), value: t(`privileged.${access.privileged}`) },
        {
          label: t('observedSince'),
          value: observedSince ? <RelativeTime at={observedSince} /> : t('notObserved'),
        },
        {
          label: t('approvedBy'),
          value: access.grantId && (access.approver ?? t('approverUnknown')),
        },
        { label: t('grantedAt'), value: grantedAt && <RelativeTime at={grantedAt} /> },
        { label: t('purpose'), value: access.purpose },
        { label: t('endsOn'), value: endsOn && <RelativeTime at={endsOn} /> },
      ]}
    />
  );
}

function ApproveForm({ access, done }: { access: AccessItem; done: () => void }) {
  const t = useWords('registers/accounts');
  const approve = useCommand(useApi<typeof routes>().approveGrant, {
    done: t('approve.done'),
    onDone: done,
  });
  const form = useFields({ purpose: '', endsOn: '' }, approve.fieldErrors);
  const { accountId, entitlementId } = access;
  const submit = () => {
    const { purpose, endsOn } = form.values;
    void approve.run({ accountId, entitlementId, purpose, endsOn: endsOn || null });
  };
  return (
    <FieldForm
      onSubmit={submit}
      submit={t('approve.verb')}
      onCancel={done}
      running={approve.running}
      problem={approve.problem}
    >
      <TextInput
        label={t('purpose')}
        description={t('approve.purposeHint')}
        required
        {...form.text('purpose')}
      />
      <TextInput
        label={t('endsOn')}
        description={t('approve.endsHint')}
        type="date"
        {...form.text('endsOn')}
      />
    </FieldForm>
  );
}

function EndGrant({
  access,
  opened,
  close,
}: {
  access: AccessItem;
  opened: boolean;
  close: () => void;
}) {
  const t = useWords('registers/accounts');
  const end = useCommand(useApi<typeof routes>().endGrant, { done: t('end.done'), onDone: close });
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={t('end.of', { entitlement: access.entitlement, account: access.account })}
      verb={t('end.verb')}
      run={() => access.grantId && void end.run({ id: access.grantId })}
      running={end.running}
      problem={end.problem}
      danger
    >
      <p>{t('end.what')}</p>
    </ConfirmDialog>
  );
}
