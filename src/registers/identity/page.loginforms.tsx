import { Modal, Textarea, TextInput } from '@mantine/core';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { PersonSelect } from '../page.PersonSelect.tsx';
import { type Login, signInApi } from './page.api.ts';
import type { Kind } from './page.logins.tsx';

type LoginDialogProps = {
  about: 'link' | 'breakGlass';
  person: Login['person'] | null;
  kind: Kind;
  close: () => void;
};

/** Links somebody to who they are at the provider, or names them for when it cannot be reached. */
export function LoginDialog({ about, person, kind, close }: LoginDialogProps) {
  const t = useWords('registers/identity');
  const u = useWords('ui');
  return (
    <Modal
      opened
      onClose={close}
      title={t(`logins.${about}`)}
      centered
      closeButtonProps={{ 'aria-label': u('close') }}
    >
      {about === 'link' ? (
        <LinkForm person={person} kind={kind} onDone={close} />
      ) : (
        <BreakGlassForm person={person} onDone={close} />
      )}
    </Modal>
  );
}

interface FormProps {
  readonly person: Login['person'] | null;
  readonly onDone: () => void;
}

function LinkForm({ person, kind, onDone }: FormProps & { readonly kind: Kind }) {
  const t = useWords('registers/identity');
  const link = useCommand(signInApi.linkIdentity, { done: t('strangers.linked'), onDone });
  const form = useFields(
    { personId: person?.id ?? (null as string | null), externalId: '' },
    link.fieldErrors,
  );
  const { personId, externalId } = form.values;
  return (
    <FieldForm
      submit={t('strangers.link')}
      will={t('strangers.will')}
      running={link.running}
      problem={link.problem}
      disabled={personId === null || externalId.trim() === ''}
      onSubmit={() => personId && void link.run({ personId, externalId })}
    >
      <PersonSelect
        label={t('strangers.person')}
        value={personId}
        onChange={(id) => form.set('personId', id)}
        chosen={person?.name}
      />
      <TextInput
        label={t(kind === 'entra' ? 'logins.objectId' : 'logins.subject')}
        description={t(kind === 'entra' ? 'logins.objectIdHint' : 'logins.subjectHint')}
        required
        spellCheck={false}
        {...form.text('externalId')}
      />
    </FieldForm>
  );
}

function BreakGlassForm({ person, onDone }: FormProps) {
  const t = useWords('registers/identity');
  const name = useCommand(signInApi.nameBreakGlass, { done: t('logins.isNamed'), onDone });
  const form = useFields(
    { personId: person?.id ?? (null as string | null), reason: '' },
    name.fieldErrors,
  );
  const { personId, reason } = form.values;
  return (
    <FieldForm
      submit={t('logins.breakGlass')}
      will={t('logins.breakGlassWill')}
      running={name.running}
      problem={name.problem}
      disabled={personId === null}
      onSubmit={() => personId && void name.run({ personId, reason })}
    >
      <PersonSelect
        label={t('strangers.person')}
        value={personId}
        onChange={(id) => form.set('personId', id)}
        chosen={person?.name}
      />
      <Textarea label={t('logins.reason')} required autosize {...form.text('reason')} />
    </FieldForm>
  );
}
