import { Select, TextInput } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { PersonSelect } from '../page.PersonSelect.tsx';
import { type Classification, classifications } from './classification.ts';
import type { SystemItem } from './list.ts';
import type { routes } from './routes.ts';

/** Registers a system, or changes what is known of one. */
export default function SystemForm({ system, done }: { system?: SystemItem; done: () => void }) {
  const t = useWords('registers/systems');
  const { form, command, submit } = useSystemForm(system, done);
  return (
    <FieldForm
      onSubmit={submit}
      submit={system ? t('save') : t('add')}
      onCancel={done}
      running={command.running}
      problem={command.problem}
    >
      <TextInput label={t('name')} required {...form.text('name')} />
      {!system && (
        <TextInput label={t('key')} description={t('keyHint')} required {...form.text('key')} />
      )}
      <Select
        label={t('classification')}
        data={classifications.map((value) => ({ value, label: t(`class.${value}`) }))}
        allowDeselect={false}
        value={form.values.classification}
        onChange={(value) => form.set('classification', (value ?? 'internal') as Classification)}
      />
      <PersonSelect
        label={t('owner')}
        description={t('ownerHint')}
        value={form.values.ownerId}
        chosen={system?.ownerName}
        onChange={(id) => form.set('ownerId', id)}
      />
      <LevelSelect
        label={t('confidentiality')}
        value={form.values.confidentiality}
        onChange={(value) => form.set('confidentiality', value)}
      />
      <LevelSelect
        label={t('integrity')}
        value={form.values.integrity}
        onChange={(value) => form.set('integrity', value)}
      />
      <LevelSelect
        label={t('availability')}
        value={form.values.availability}
        onChange={(value) => form.set('availability', value)}
      />
      <TruthSelect
        label={t('singleSignOn')}
        value={form.values.singleSignOn}
        onChange={(value) => form.set('singleSignOn', value)}
      />
      <TruthSelect
        label={t('secondFactor')}
        value={form.values.secondFactor}
        onChange={(value) => form.set('secondFactor', value)}
      />
      <TextInput
        label={t('staleAfterHours')}
        description={t('staleHint')}
        type="number"
        min={1}
        max={87_600}
        {...form.text('staleAfterHours')}
      />
    </FieldForm>
  );
}

/** The values of the form, and the command that they are sent by. */
function useSystemForm(system: SystemItem | undefined, done: () => void) {
  const t = useWords('registers/systems');
  const api = useApi<typeof routes>();
  const register = useCommand(api.registerSystem, { done: t('registered'), onDone: done });
  const update = useCommand(api.updateSystem, { done: t('updated'), onDone: done });
  const command = system ? update : register;
  const form = useFields(valuesOf(system), withoutPrefix(command.fieldErrors));
  const submit = () => {
    const { key, singleSignOn, secondFactor, staleAfterHours, ...rest } = form.values;
    const given = {
      ...rest,
      staleAfterHours: Number(staleAfterHours),
      singleSignOn: truthOf(singleSignOn),
      secondFactor: truthOf(secondFactor),
    };
    if (system) void update.run({ key: system.key, version: system.version, changes: given });
    else void register.run({ key, ...given });
  };
  return { form, command, submit };
}

interface SelectProps<Value> {
  readonly label: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** What the loss of a property would do. */
function LevelSelect({ label, value, onChange }: SelectProps<number>) {
  const t = useWords('registers/systems');
  const levels = ['1', '2', '3'].map((level) => ({ value: level, label: t(`level.${level}`) }));
  return (
    <Select
      label={label}
      data={levels}
      allowDeselect={false}
      value={String(value)}
      onChange={(level) => onChange(Number(level ?? 2))}
    />
  );
}

/** Yes, no, or not known: which is not no. */
function TruthSelect({ label, value, onChange }: SelectProps<string>) {
  const t = useWords('registers/systems');
  const truths = ['unknown', 'true', 'false'].map((truth) => ({
    value: truth,
    label: t(`known.${truth}`),
  }));
  return (
    <Select
      label={label}
      data={truths}
      allowDeselect={false}
      value={value}
      onChange={(truth) => onChange(truth ?? 'unknown')}
    />
  );
}

function valuesOf(system: SystemItem | undefined) {
  return {
    key: system?.key ?? '',
    name: system?.name ?? '',
    classification: system?.classification ?? ('internal' as Classification),
    ownerId: system?.ownerId ?? null,
    confidentiality: system?.confidentiality ?? 2,
    integrity: system?.integrity ?? 2,
    availability: system?.availability ?? 2,
    singleSignOn: String(system?.singleSignOn ?? 'unknown'),
    secondFactor: String(system?.secondFactor ?? 'unknown'),
    staleAfterHours: String(system?.staleAfterHours ?? 2400),
  };
}

function truthOf(choice: string): boolean | null {
  return choice === 'unknown' ? null : choice === 'true';
}

/** Errors of an update stand under `changes`; the fields are the same. */
function withoutPrefix(errors: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([path, text]) => [path.replace(/^changes\./, ''), text]),
  );
}
