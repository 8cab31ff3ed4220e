import { Modal, Textarea, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { FullVersion } from './page.edit.tsx';
import type { routes } from './routes.ts';

type ProposeProps = { full: FullVersion; close: () => void };

/** Hands a draft over to be approved: from which day, and what changed in a sentence for everyone. */
export function Propose({ full, close }: ProposeProps) {
  const t = useWords('clauses/publication');
  const u = useWords('ui');
  return (
    <Modal
      opened
      onClose={close}
      title={t('propose.title', { number: String(full.version.number) })}
      centered
      size="lg"
      closeButtonProps={{ 'aria-label': u('close') }}
    >
      <Form full={full} close={close} />
    </Modal>
  );
}

function Form({ full, close }: ProposeProps) {
  const t = useWords('clauses/publication');
  const propose = useCommand(useApi<typeof routes>().proposePolicy, { done: t('propose.done') });
  const { version } = full;
  const form = useFields(
    { effectiveOn: '', en: version.summary.en ?? '', ja: version.summary.ja ?? '' },
    propose.fieldErrors,
  );
  const submit = async () => {
    const { effectiveOn, ...words } = form.values;
    const summary = Object.fromEntries(
      version.languages.map((language) => [language, words[language]]),
    );
    const done = await propose.run({ id: version.id, effectiveOn: effectiveOn || null, summary });
    if (done !== undefined) close();
  };
  return (
    <FieldForm
      onSubmit={() => void submit()}
      submit={t('propose.verb')}
      will={t('propose.will')}
      onCancel={close}
      running={propose.running}
      problem={propose.problem}
    >
      <TextInput
        type="date"
        label={t('propose.effectiveOn')}
        description={t('propose.effectiveOnHint')}
        {...form.text('effectiveOn')}
      />
      {version.languages.map((language) => (
        <Textarea
          key={language}
          label={t('propose.summary', { language: t(`language.${language}`) })}
          description={t('propose.summaryHint')}
          autosize
          minRows={2}
          {...form.text(language)}
        />
      ))}
    </FieldForm>
  );
}
