import { Select, Textarea, TextInput } from '@mantine/core';
import { PersonSelect } from '../../registers/page.PersonSelect.tsx';
import type { routes as accountRoutes } from '../../registers/people/routes.ts';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay, useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

const media = ['paper', 'file', 'storage', 'device', 'none'] as const;
const methods = ['clear', 'purge', 'destroy'] as const;

type Medium = (typeof media)[number];
type Method = (typeof methods)[number];

/** Records a disposal, or that a leaver kept nothing. */
export default function DisposalForm({
  holder,
  done,
}: {
  holder: string | null;
  done: () => void;
}) {
  const t = useWords('clauses/people');
  const { person } = useReader();
  const mayForOthers = useMay('readDisposals');
  const record = useCommand(useApi<typeof routes>().recordDisposal, {
    done: t('disposing.done'),
    onDone: done,
  });
  const form = useFields(
    {
      medium: 'paper' as string | null,
      method: 'destroy' as string | null,
      what: '',
      how: '',
      disposedOn: '',
      holderId: holder ?? person?.id ?? null,
      witnessId: null as string | null,
    },
    record.fieldErrors,
  );
  const { values } = form;
  const known = useRead(
    useApi<typeof accountRoutes>().getPerson,
    { id: values.holderId ?? '' },
    { skip: !mayForOthers || !values.holderId },
  );
  const nothing = values.medium === 'none';
  const send = () =>
    record.run({
      medium: (values.medium ?? 'paper') as Medium,
      method: nothing ? 'none' : ((values.method ?? 'destroy') as Method),
      what: nothing ? '' : values.what,
      how: nothing ? '' : values.how,
      disposedOn: values.disposedOn,
      holderId: values.holderId ?? '',
      witnessId: nothing ? null : values.witnessId,
    });
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('disposing.verb')}
      will={t(nothing ? 'disposing.willNothing' : 'disposing.will')}
      running={record.running}
      problem={record.problem}
      onCancel={done}
      disabled={!values.holderId || values.disposedOn === ''}
    >
      {mayForOthers && (
        <PersonSelect
          label={t('disposals.holder')}
          value={values.holderId}
          chosen={known.data?.name}
          onChange={(id) => form.set('holderId', id)}
        />
      )}
      <Select
        label={t('disposals.medium')}
        data={media.map((value) => ({ value, label: t(`medium.${value}`) }))}
        allowDeselect={false}
        {...form.choice('medium')}
      />
      {!nothing && (
        <>
          <Textarea
            label={t('disposals.what')}
            description={t('disposing.whatHint')}
            required
            autosize
            {...form.text('what')}
          />
          <Select
            label={t('disposals.method')}
            description={t(`methodWhat.${values.method ?? 'destroy'}`)}
            data={methods.map((value) => ({ value, label: t(`method.${value}`) }))}
            allowDeselect={false}
            {...form.choice('method')}
          />
          <TextInput label={t('disposals.how')} required {...form.text('how')} />
        </>
      )}
      <TextInput label={t('disposals.on')} type="date" required {...form.text('disposedOn')} />
      {!nothing && (
        <PersonSelect
          label={t('disposals.witness')}
          description={t('disposing.witnessHint')}
          value={values.witnessId}
          onChange={(id) => form.set('witnessId', id)}
        />
      )}
    </FieldForm>
  );
}
