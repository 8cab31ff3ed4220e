import { FileInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { providerRoutes } from './routes.provider.ts';

/** Bytes of a report that are taken; the server says the same. */
const limitBytes = 20 * 1024 * 1024;

/** Records a report of an auditor on a provider. */
export function ReportForm({ done }: { readonly done: () => void }) {
  const t = useWords('clauses/retention');
  const { form, file, setFile, record, send } = useReport(done);
  const tooLarge = file !== null && file.size > limitBytes;
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('provider.add')}
      will={t('provider.will')}
      running={record.running}
      problem={record.problem}
      onCancel={done}
      disabled={!file || tooLarge}
    >
      <TextInput label={t('provider.provider')} required {...form.text('provider')} />
      <TextInput
        label={t('provider.name')}
        description={t('provider.nameHint')}
        required
        {...form.text('title')}
      />
      <TextInput
        label={t('provider.periodFrom')}
        type="date"
        required
        {...form.text('periodFrom')}
      />
      <TextInput label={t('provider.periodTo')} type="date" required {...form.text('periodTo')} />
      <TextInput
        label={t('provider.expiresOn')}
        description={t('provider.expiresHint')}
        type="date"
        required
        {...form.text('expiresOn')}
      />
      <Textarea
        label={t('provider.oursEn')}
        required
        autosize
        minRows={2}
        {...form.text('ours.en')}
      />
      <Textarea
        label={t('provider.oursJa')}
        required
        autosize
        minRows={2}
        {...form.text('ours.ja')}
      />
      <FileInput
        label={t('provider.file')}
        description={t('provider.fileHint')}
        accept="application/pdf,text/plain"
        value={file}
        onChange={setFile}
        clearable
        required
        error={tooLarge ? t('provider.tooLarge') : undefined}
      />
    </FieldForm>
  );
}

function useReport(done: () => void) {
  const t = useWords('clauses/retention');
  const [file, setFile] = useState<File | null>(null);
  const record = useCommand(useApi<typeof providerRoutes>().recordProviderReport, {
    done: t('provider.recordDone'),
    onDone: done,
  });
  const form = useFields(
    {
      provider: '',
      title: '',
      periodFrom: '',
      periodTo: '',
      expiresOn: '',
      'ours.en': '',
      'ours.ja': '',
    },
    record.fieldErrors,
  );
  const send = async () => {
    if (!file) return;
    const { 'ours.en': en, 'ours.ja': ja, ...rest } = form.values;
    await record.run({
      ...rest,
      ours: { en, ja },
      fileName: file.name,
      mediaType: file.type === 'text/plain' ? 'text/plain' : 'application/pdf',
      base64: await base64Of(file),
    });
  };
  return { form, file, setFile, record, send };
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
