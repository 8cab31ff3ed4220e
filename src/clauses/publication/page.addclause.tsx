import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { FullVersion } from './page.edit.tsx';
import type { routes } from './routes.ts';

/** Adds a clause of the organisation's own at the end. */
export function AddClause({ full, added }: { full: FullVersion; added: (clause: string) => void }) {
  const t = useWords('clauses/publication');
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setOpened(true)}>
        {t('add.verb')}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t('add.title')} centered>
        {opened && <Form full={full} close={() => setOpened(false)} added={added} />}
      </Modal>
    </>
  );
}

type FormProps = { full: FullVersion; close: () => void; added: (clause: string) => void };

function Form({ full, close, added }: FormProps) {
  const t = useWords('clauses/publication');
  const add = useCommand(useApi<typeof routes>().addPolicyClause, { done: t('add.done') });
  const form = useFields({ clause: '', en: '', ja: '' }, add.fieldErrors);
  const submit = async () => {
    const { clause, ...titles } = form.values;
    const text = Object.fromEntries(
      full.version.languages.map((language) => [language, `# ${titles[language] || clause}\n`]),
    );
    if ((await add.run({ id: full.version.id, clause, text })) === undefined) return;
    close();
    added(clause);
  };
  return (
    <FieldForm
      onSubmit={() => void submit()}
      submit={t('add.verb')}
      onCancel={close}
      running={add.running}
      problem={add.problem}
    >
      <TextInput
        label={t('add.name')}
        description={t('add.nameHint')}
        required
        pattern="[a-z][a-z0-9\-]{1,40}"
        {...form.text('clause')}
      />
      {full.version.languages.map((language) => (
        <TextInput key={language} label={t(`add.${language}`)} required {...form.text(language)} />
      ))}
    </FieldForm>
  );
}
