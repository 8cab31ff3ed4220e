import { PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ApiProblem } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { fieldErrorsOf } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { useAttempt } from '../identity/useAttempt.ts';
import { type SetUp as SetUpInput, shellApi } from '../shell/shellApi.ts';

type AdministratorStepProps = {
  token: string;
  organisation: SetUpInput['organisation'];
  onBack: () => void;
  /** The server found fault with the step before. */
  onOrganisationErrors: (errors: Readonly<Record<string, string>>) => void;
  onDone: (password: string) => void;
};

/** First administrator. Sends the whole set-up: the organisation and the login are made in one act. */
export function AdministratorStep(props: AdministratorStepProps) {
  const { token, organisation, onBack, onOrganisationErrors, onDone } = props;
  const t = useWords('web');
  const u = useWords('ui');
  const attempt = useAttempt();
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const form = useFields({ name: '', email: '', password: '' }, errors);
  const create = () =>
    attempt.run(async () => {
      try {
        await shellApi.setUp({ token, organisation, administrator: form.values });
      } catch (problem) {
        if (!(problem instanceof ApiProblem)) throw problem;
        const found = fieldErrorsOf(problem);
        setErrors(errorsBelow(found, 'administrator.'));
        const before = errorsBelow(found, 'organisation.');
        if (Object.keys(before).length > 0) onOrganisationErrors(before);
        throw problem;
      }
      // The token is spent; it need not stay in the address or the history.
      history.replaceState(history.state, '', location.pathname);
      onDone(form.values.password);
    });
  return (
    <FieldForm
      submit={t('setUp.create')}
      will={t('setUp.createWill', { organisation: organisation.name })}
      running={attempt.running}
      problem={attempt.problem}
      onCancel={onBack}
      cancel={u('back')}
      onSubmit={() => void create()}
    >
      <TextInput label={t('setUp.yourName')} required autoComplete="name" {...form.text('name')} />
      <TextInput
        label={t('identity.email')}
        type="email"
        required
        autoComplete="username"
        {...form.text('email')}
      />
      <PasswordInput
        label={t('identity.newPassword')}
        description={t('identity.passwordRule', { min: 12 })}
        required
        minLength={12}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t('identity.showPassword') }}
        {...form.text('password')}
      />
    </FieldForm>
  );
}

/** `organisation.languages.0` below `organisation.` → `languages`. */
function errorsBelow(errors: Readonly<Record<string, string>>, prefix: string) {
  const below = Object.entries(errors).filter(([path]) => path.startsWith(prefix));
  return Object.fromEntries(
    below.map(([path, message]) => [path.slice(prefix.length).split('.')[0] ?? '', message]),
  );
}
