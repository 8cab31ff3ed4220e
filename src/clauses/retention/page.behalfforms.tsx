import { Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { type BehalfRoutes, type Deletion, deletions } from './facts.behalf.ts';
import type { RequestItem } from './store.requestlist.ts';

type ActProps = { readonly request: RequestItem; readonly done: () => void };

/** Starts the archive that the customer asked for. */
export function ExportForm({ request, done }: ActProps) {
  const t = useWords('clauses/retention');
  const act = useCommand(useApi<BehalfRoutes>().exportForCustomer, {
    done: t('requests.exportStarted'),
    onDone: done,
  });
  return (
    <FieldForm
      onSubmit={() => void act.run({ requestId: request.id })}
      submit={t('requests.step.export')}
      will={t('requests.exportWill')}
      running={act.running}
      problem={act.problem}
      onCancel={done}
    />
  );
}

/** Deletes what the customer named, a collection, or everything. */
export function DeleteForm({ request, done }: ActProps) {
  const t = useWords('clauses/retention');
  const act = useCommand(useApi<BehalfRoutes>().deleteForCustomer, {
    done: (gone) => t('requests.deleteDone', gone),
    onDone: done,
  });
  const form = useFields(
    { what: 'items' as Deletion, collection: '', names: '', confirmation: '' },
    act.fieldErrors,
  );
  const { what, collection, names, confirmation } = form.values;
  const key = request.customer?.key ?? '';
  const isSure = what === 'all' ? confirmation.trim() === key : collection.trim() !== '';
  return (
    <FieldForm
      onSubmit={() =>
        void act.run({
          requestId: request.id,
          what,
          collection: what === 'all' ? null : collection.trim(),
          names: what === 'items' ? linesOf(names) : [],
        })
      }
      submit={t('requests.step.delete')}
      will={t('requests.deleteWill')}
      running={act.running}
      problem={act.problem}
      onCancel={done}
      disabled={!isSure || (what === 'items' && linesOf(names).length === 0)}
    >
      <Select
        label={t('requests.deleteWhat')}
        data={deletions.map((value) => ({ value, label: t(`requests.deletion.${value}`) }))}
        allowDeselect={false}
        {...form.choice('what')}
      />
      {what === 'all' && (
        <TextInput
          label={t('requests.confirmation', { key })}
          required
          {...form.text('confirmation')}
        />
      )}
      {what !== 'all' && (
        <TextInput label={t('requests.collection')} required {...form.text('collection')} />
      )}
      {what === 'items' && (
        <Textarea
          label={t('requests.names')}
          description={t('requests.namesHint')}
          required
          autosize
          minRows={2}
          {...form.text('names')}
        />
      )}
    </FieldForm>
  );
}

function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => line.trim() || []);
}

const example = '{"phone": "03-0000-0000"}';

/** Corrects a record: only what is to be another is given, and nothing is shown. */
export function CorrectForm({ request, done }: ActProps) {
  const t = useWords('clauses/retention');
  const act = useCommand(useApi<BehalfRoutes>().correctForCustomer, {
    done: t('requests.correctDone'),
    onDone: done,
  });
  const form = useFields({ collection: '', key: '', patch: '' }, act.fieldErrors);
  const [wrong, setWrong] = useState<string | null>(null);
  const submit = () => {
    const patch = objectOf(form.values.patch);
    setWrong(typeof patch === 'string' ? t('requests.patchWrong', { why: patch }) : null);
    if (typeof patch === 'string') return;
    const { collection, key } = form.values;
    void act.run({ requestId: request.id, collection: collection.trim(), key: key.trim(), patch });
  };
  const patchField = form.text('patch');
  return (
    <FieldForm
      onSubmit={submit}
      submit={t('requests.step.correct')}
      will={t('requests.correctWill')}
      running={act.running}
      problem={act.problem}
      onCancel={done}
    >
      <TextInput label={t('requests.collection')} required {...form.text('collection')} />
      <TextInput label={t('requests.recordKey')} required {...form.text('key')} />
      <Textarea
        label={t('requests.patch')}
        description={t('requests.patchHint', { example })}
        required
        autosize
        minRows={2}
        {...patchField}
        error={wrong ?? patchField.error}
      />
    </FieldForm>
  );
}

type Patch = Parameters<ReturnType<typeof useApi<BehalfRoutes>>['correctForCustomer']>[0]['patch'];

/** The object that a text is; what is wrong with it where it is none. */
function objectOf(text: string): Patch | string {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Patch) : '…';
  } catch (error) {
    return error instanceof SyntaxError ? error.message : '…';
  }
}
