import { NumberInput, Select, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useList } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import type { routes as connectionRoutes } from '../connections/routes.ts';
import { PersonSelect } from '../page.PersonSelect.tsx';
import type { routes as systemRoutes } from '../systems/routes.ts';
import { type SourceKind, sourceKinds } from './facts.terms.ts';
import type { SourceItem } from './list.ts';
import type { routes } from './routes.ts';

interface FormProps {
  readonly source?: SourceItem;
  readonly done: () => void;
}

/** Registers a source, or changes what is known of one. */
export default function SourceForm({ source, done }: FormProps) {
  const t = useWords('registers/sources');
  const { form, command, submit } = useSourceForm(source, done);
  const { kind, systemId, cadenceDays } = form.values;
  const ownerField = form.choice('ownerId');
  return (
    <FieldForm
      onSubmit={submit}
      submit={source ? t('save') : t('add')}
      will={t(source ? 'change.will' : 'addWill', { count: cadenceDays })}
      onCancel={done}
      running={command.running}
      problem={command.problem}
      disabled={systemId === null}
    >
      <TextInput label={t('name')} required data-autofocus {...form.text('name')} />
      {!source && (
        <TextInput label={t('key')} description={t('keyHint')} required {...form.text('key')} />
      )}
      <Select
        label={t('kind')}
        data={sourceKinds.map((value) => ({ value, label: t(`kinds.${value}`) }))}
        allowDeselect={false}
        {...form.choice('kind')}
      />
      <TextInput
        label={t('location')}
        description={t(`locationHint.${kind}`)}
        {...form.text('location')}
      />
      {kind === 'repository' && <ConnectionSelect {...form.choice('connectionId')} />}
      <SystemSelect chosen={source?.system} {...form.choice('systemId')} />
      <PersonSelect
        label={t('owner')}
        description={t('ownerHint')}
        chosen={source?.owner?.name}
        value={form.values.ownerId}
        onChange={ownerField.onChange}
      />
      <NumberInput
        label={t('cadence')}
        description={t('cadenceHint')}
        min={1}
        max={366}
        allowDecimal={false}
        required
        {...form.choice('cadenceDays')}
      />
    </FieldForm>
  );
}

function useSourceForm(source: SourceItem | undefined, done: () => void) {
  const t = useWords('registers/sources');
  const api = useApi<typeof routes>();
  const register = useCommand(api.registerSource, { done: t('registered'), onDone: done });
  const change = useCommand(api.changeSource, { done: t('saved'), onDone: done });
  const command = source ? change : register;
  const form = useFields(
    {
      key: source?.key ?? '',
      name: source?.name ?? '',
      kind: source?.kind ?? ('repository' as SourceKind),
      location: source?.location ?? '',
      systemId: source?.system.id ?? (null as string | null),
      ownerId: source?.owner?.id ?? (null as string | null),
      cadenceDays: source?.cadenceDays ?? 7,
      connectionId: source?.connectionId ?? (null as string | null),
    },
    command.fieldErrors,
  );
  const submit = () => {
    const { key, systemId, ...rest } = form.values;
    const given = {
      ...rest,
      systemId: systemId ?? '',
      cadenceDays: Number(rest.cadenceDays),
      connectionId: rest.kind === 'repository' ? rest.connectionId : null,
    };
    if (source) void change.run({ id: source.id, version: source.version, ...given });
    else void register.run({ key, ...given });
  };
  return { form, command, submit };
}

/** Connections to GitHub, of which one may read the repository. */
function ConnectionSelect(field: {
  readonly value: string | null;
  readonly onChange: (id: unknown) => void;
  readonly error?: string;
}) {
  const t = useWords('registers/sources');
  const may = useMay('readConnections');
  const connections = useList(
    useApi<typeof connectionRoutes>().listConnections,
    { limit: 200 },
    { skip: !may },
  );
  const data = (connections.data?.items ?? [])
    .filter(({ kind }) => kind === 'github')
    .map(({ id, systemName }) => ({ value: id, label: systemName }));
  if (data.length === 0) return null;
  return (
    <Select
      label={t('connection')}
      description={t('connectionHint')}
      clearable
      data={data}
      {...field}
    />
  );
}

/** The asset it belongs to: what its loss would do is known of the system. */
function SystemSelect({
  chosen,
  ...field
}: {
  readonly chosen: SourceItem['system'] | undefined;
  readonly value: string | null;
  readonly onChange: (id: unknown) => void;
  readonly error?: string;
}) {
  const t = useWords('registers/sources');
  const systems = useList(useApi<typeof systemRoutes>().listSystems, { limit: 500, sort: 'name' });
  const found = (systems.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const known = chosen && !found.some(({ value }) => value === chosen.id);
  return (
    <Select
      label={t('asset')}
      description={t('assetHint')}
      required
      searchable
      data={known ? [{ value: chosen.id, label: chosen.name }, ...found] : found}
      {...field}
    />
  );
}
