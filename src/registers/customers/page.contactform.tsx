import { Select, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { Contact } from './page.contacts.tsx';
import { withoutPrefix } from './page.form.tsx';
import type { routes } from './routes.ts';

type FormProps = {
  readonly customerKey: string;
  readonly contact: Contact | undefined;
  /** Language of the account, for a new contact. */
  readonly language: Contact['language'];
  readonly done: () => void;
};

/** Adds a contact, or changes one. */
export function ContactForm({ customerKey, contact, language, done }: FormProps) {
  const t = useWords('registers/customers');
  const api = useApi<typeof routes>();
  const add = useCommand(api.addContact, { done: t('contacts.added'), onDone: done });
  const change = useCommand(api.changeContact, { done: t('saved'), onDone: done });
  const command = contact ? change : add;
  const form = useFields(
    {
      name: contact?.name ?? '',
      email: contact?.email ?? '',
      language: contact?.language ?? language,
      part: contact?.part ?? ('member' as Contact['part']),
    },
    withoutPrefix(command.fieldErrors),
  );
  const submit = () => {
    if (contact) {
      const { id: contactId, version } = contact;
      void change.run({ key: customerKey, contactId, version, changes: form.values });
    } else void add.run({ key: customerKey, ...form.values });
  };
  const choices = (room: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`${room}.${value}`) }));
  return (
    <FieldForm
      onSubmit={submit}
      submit={contact ? t('save') : t('contacts.add')}
      onCancel={done}
      running={command.running}
      problem={command.problem}
    >
      <TextInput label={t('contacts.name')} required {...form.text('name')} />
      <TextInput label={t('contacts.email')} type="email" required {...form.text('email')} />
      <Select
        label={t('part.label')}
        description={t('part.hint')}
        data={choices('part', ['owner', 'member', 'billing'])}
        allowDeselect={false}
        {...form.choice('part')}
      />
      <Select
        label={t('language.label')}
        data={choices('language', ['en', 'ja'])}
        allowDeselect={false}
        {...form.choice('language')}
      />
    </FieldForm>
  );
}
