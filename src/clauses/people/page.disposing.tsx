import { Select, Textarea, TextInput } from '@mantine/core';
import { PersonSelect } from '../../registers/page.PersonSelect.tsx';
import type { routes as personRoutes } from '../../registers/people/routes.ts';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay, useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { ColleagueSelect } from './page.colleague.tsx';
import type { routes } from './routes.ts';

const media = ['paper', 'file', 'storage', 'device', 'none'] as const;
const methods = ['clear', 'purge', 'destroy'] as const;

type Medium = (typeof media)[number];
type Method = (typeof methods)[number];

type FormProps = { readonly holder: string | null; readonly done: () => void };

/** The form of a disposal, and its sending. */
function useDisposing({ holder, done }: FormProps) {
  const t = useWords('clauses/people');
  const { person } = useReader();
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
  const { medium, method, what, how, disposedOn, holderId, witnessId } = form.values;
  const nothing = medium === 'none';
  const about = nothing
    ? { method: 'none' as const, what: '', how: '', witnessId: null }
    : { method: (method ?? 'destroy') as Method, what, how, witnessId };
  const send = () =>
    record.run({
      medium: (medium ?? 'paper') as Medium,
      disposedOn,
      holderId: holderId ?? '',
      ...about,
    });
  return { form, record, send, nothing };
}

/** Records a disposal, or that a leaver kept nothing. */
export default function DisposalForm(props: FormProps) {
  const t = useWords('clauses/people');
  const { form, record, send, nothing } = useDisposing(props);
  const { values } = form;
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('disposing.verb')}
      will={t(nothing ? 'disposing.willNothing' : 'disposing.will')}
      running={record.running}
      problem={record.problem}
      onCancel={props.done}
      disabled={!values.holderId || values.disposedOn === ''}
    >
      <Holder value={values.holderId} change={(id) => form.set('holderId', id)} />
      <Select
        label={t('disposals.medium')}
        data={media.map((value) => ({ value, label: t(`medium.${value}`) }))}
        allowDeselect={false}
        {...form.choice('medium')}
      />
      <TextInput label={t('disposals.on')} type="date" required {...form.text('disposedOn')} />
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
          <ColleagueSelect
            label={t('disposals.witness')}
            description={t('disposing.witnessHint')}
            value={values.witnessId}
            onChange={(id) => form.set('witnessId', id)}
          />
        </>
      )}
    </FieldForm>
  );
}

/** In whose hands it was: one's own, but for those who record it for others. */
function Holder({
  value,
  change,
}: {
  readonly value: string | null;
  readonly change: (id: string | null) => void;
}) {
  const t = useWords('clauses/people');
  const may = useMay('readDisposals');
  const known = useRead(
    useApi<typeof personRoutes>().getPerson,
    { id: value ?? '' },
    { skip: !may || !value },
  );
  if (!may) return null;
  return (
    <PersonSelect
      label={t('disposals.holder')}
      value={value}
      chosen={known.data?.name}
      onChange={change}
    />
  );
}
