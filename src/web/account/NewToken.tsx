import { MultiSelect, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useReader } from '../../ui/reader.tsx';
import { ShownOnce } from '../../ui/ShownOnce.tsx';
import { useWords } from '../../ui/words.ts';
import { shellApi } from '../shell/shellApi.ts';

/** Name, roles, actions and days of a new token; then the token itself, once. */
export default function NewToken({ onClose }: { onClose: () => void }) {
  const t = useWords('web');
  const reader = useReader();
  const create = useCommand(shellApi.createMyToken);
  const [token, setToken] = useState<string | undefined>(undefined);
  const form = useFields(
    { name: '', roles: [...reader.roles], scope: [] as string[], days: '90' },
    create.fieldErrors,
  );
  const make = async () => {
    const { name, roles, scope, days } = form.values;
    const made = await create.run({
      name,
      roles,
      scope: scope.length === 0 ? null : scope,
      days: Number(days),
    });
    if (made) setToken(made.token);
  };
  if (token) return <ShownOnce says={t('account.tokenOnce')} secret={token} onClose={onClose} />;
  return (
    <FieldForm
      submit={t('account.makeToken')}
      will={t('account.tokenWill')}
      running={create.running}
      problem={create.problem}
      disabled={form.values.roles.length === 0}
      onSubmit={() => void make()}
    >
      <TextInput
        label={t('account.tokenName')}
        description={t('account.tokenNameHint')}
        required
        data-autofocus
        {...form.text('name')}
      />
      <MultiSelect
        label={t('account.tokenRoles')}
        required
        data={reader.roles.map((role) => ({ value: role, label: t(`role.${role}`) }))}
        {...form.choice('roles')}
      />
      <MultiSelect
        label={t('account.tokenScope')}
        description={t('account.tokenScopeHint')}
        searchable
        data={[...reader.permissions]}
        {...form.choice('scope')}
      />
      <Select
        label={t('account.tokenDays')}
        allowDeselect={false}
        data={[7, 30, 90, 366].map((days) => ({
          value: String(days),
          label: t('account.days', { count: days }),
        }))}
        {...form.choice('days')}
      />
    </FieldForm>
  );
}
