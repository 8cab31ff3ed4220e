import { Alert, FileInput, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { PersonSelect } from '../../registers/page.PersonSelect.tsx';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useLanguage, useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

/** Bytes that a paper may have, as the server has it. */
const limitBytes = 5 * 1024 * 1024;

/** The form of a signed paper, and its sending. */
function usePaper(done: () => void) {
  const t = useWords('clauses/people');
  const language = useLanguage();
  const api = useApi<typeof routes>();
  const file = useCommand(api.fileUndertaking, { done: t('paper.done'), onDone: done });
  const form = useFields(
    {
      document: null as string | null,
      personId: null as string | null,
      witnessId: null as string | null,
      signedOn: '',
    },
    file.fieldErrors,
  );
  const [paper, setPaper] = useState<File | null>(null);
  const { document, personId, witnessId, signedOn } = form.values;
  const version = useRead(
    api.readUndertaking,
    { document: document ?? '', language },
    { skip: !document },
  );
  const tooLarge = (paper?.size ?? 0) > limitBytes;
  const missing = !document || !personId || !witnessId || !paper || signedOn === '' || tooLarge;
  const send = async () => {
    if (!document || !personId || !witnessId || !paper || !version.data) return;
    const { versionId } = version.data;
    const content = await base64Of(paper);
    await file.run({
      document,
      versionId,
      personId,
      witnessId,
      signedOn,
      language,
      paper: content,
    });
  };
  return { form, file, send, paper, setPaper, tooLarge, missing };
}

/** Puts an undertaking that was signed on paper on file. */
export default function PaperForm({ done }: { done: () => void }) {
  const t = useWords('clauses/people');
  const language = useLanguage();
  const documents = useRead(useApi<typeof routes>().listUndertakings, {});
  const { form, file, send, paper, setPaper, tooLarge, missing } = usePaper(done);
  const { personId, witnessId } = form.values;
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('paper.verb')}
      will={t('paper.will')}
      running={file.running}
      problem={file.problem}
      onCancel={done}
      disabled={missing}
    >
      <Select
        label={t('signatures.document')}
        data={(documents.data?.items ?? [])
          .filter(({ kind }) => kind === 'undertaking')
          .map((each) => ({ value: each.document, label: each.titles[language] }))}
        required
        {...form.choice('document')}
      />
      <PersonSelect
        label={t('paper.person')}
        value={personId}
        onChange={(id) => form.set('personId', id)}
      />
      <TextInput label={t('paper.signedOn')} type="date" required {...form.text('signedOn')} />
      <PersonSelect
        label={t('paper.witness')}
        description={t('paper.witnessHint')}
        value={witnessId}
        onChange={(id) => form.set('witnessId', id)}
      />
      <FileInput
        label={t('paper.file')}
        accept="application/pdf"
        value={paper}
        onChange={setPaper}
        clearable
        required
      />
      {tooLarge && <Alert color="yellow">{t('paper.tooLarge')}</Alert>}
    </FieldForm>
  );
}

/** The content of a file in base64, without the browser's prefix. */
function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^,]*,/, ''));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
