import { MultiSelect, Select, TextInput } from '@mantine/core';
import type { Role } from '../../kernel/actor.ts';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { PersonSelect } from '../page.PersonSelect.tsx';
import type { PersonItem } from './list.ts';
import { staffRoles } from './page.roles.ts';
import type { routes } from './routes.ts';

/** Registers a person, or changes what is known of one. */
export default function PersonForm({ person, done }: { person?: PersonItem; done: () => void }) {
  const t = useWords('registers/people');
  const web = useWords('web');
  const api = useApi<typeof routes>();
  const mayRoles = useMay('assignRoles');
  const register = useCommand(api.registerPerson, { done: t('registered'), onDone: done });
  const update = useCommand(api.updatePerson, { done: t('updated'), onDone: done });
  const command = person ? update : register;
  const form = useFields(valuesOf(person), withoutPrefix(command.fieldErrors));
  const submit = () => {
    const { email, startsOn, roles, ...rest } = form.values;
    const given = {
      ...rest,
      email: email || null,
      startsOn: startsOn || null,
      ...(mayRoles ? { roles: roles as Role[] } : {}),
    };
    if (person) void update.run({ id: person.id, version: person.version, changes: given });
    else void register.run(given);
  };
  return (
    <FieldForm
      onSubmit={submit}
      submit={person ? t('save') : t('add')}
      onCancel={done}
      running={command.running}
      problem={command.problem}
    >
      <TextInput label={t('name')} required {...form.text('name')} />
      <TextInput label={t('reading')} description={t('readingHint')} {...form.text('reading')} />
      <TextInput label={t('email')} type="email" {...form.text('email')} />
      <TextInput label={t('department')} {...form.text('department')} />
      <PersonSelect
        label={t('manager')}
        value={form.values.managerId}
        chosen={person?.managerName}
        onChange={(id) => form.set('managerId', id)}
      />
      <TextInput label={t('startsOn')} type="date" {...form.text('startsOn')} />
      {mayRoles && (
        <MultiSelect
          label={t('roles')}
          description={t('rolesHint')}
          data={staffRoles.map((value) => ({ value, label: web(`role.${value}`) }))}
          value={form.values.roles}
          onChange={(roles) => form.set('roles', roles)}
        />
      )}
      <Select
        label={t('language.label')}
        data={['en', 'ja'].map((value) => ({ value, label: t(`language.${value}`) }))}
        value={form.values.language}
        onChange={(language) => form.set('language', language === 'ja' ? 'ja' : 'en')}
      />
    </FieldForm>
  );
}

function valuesOf(person: PersonItem | undefined) {
  return {
    name: person?.name ?? '',
    reading: person?.reading ?? '',
    email: person?.email ?? '',
    department: person?.department ?? '',
    managerId: person?.managerId ?? null,
    startsOn: person?.startsOn ?? '',
    roles: (person?.roles ?? ['employee']) as string[],
    language: person?.language ?? 'en',
  };
}

/** Errors of an update stand under `changes`; the fields are the same. */
function withoutPrefix(errors: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([path, text]) => [path.replace(/^changes\./, ''), text]),
  );
}
