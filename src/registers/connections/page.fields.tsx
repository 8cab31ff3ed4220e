import { Checkbox, PasswordInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useWords, type Words } from '../../ui/words.ts';

/** What a source asks for, as JSON Schema: the part of it that its settings are made of. */
export interface FieldSchema {
  readonly type?: string;
  readonly title?: string;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly FieldSchema[];
  readonly oneOf?: readonly FieldSchema[];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly maxLength?: number;
}

export type Entered = Readonly<Record<string, unknown>>;

interface SchemaFieldsProps {
  readonly kind: string;
  readonly schema: FieldSchema;
  readonly value: Entered;
  readonly onChange: (value: Entered) => void;
  /** Nothing that is typed is shown. */
  readonly secret?: boolean;
}

/** The fields that a source asks for: whatever connector is added, its form is there with it. */
export function SchemaFields({ kind, schema, value, onChange, secret = false }: SchemaFieldsProps) {
  const t = useWords('registers/connections');
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) {
    const names = variants.map(variantOf);
    const chosen = typeof value['by'] === 'string' ? value['by'] : names[0];
    const variant = variants[names.indexOf(chosen ?? '')] ?? variants[0];
    return (
      <Stack gap="md">
        <Select
          label={t('setup.by')}
          data={names.map((name) => ({ value: name, label: t(`choice.${name}`) }))}
          value={chosen ?? null}
          allowDeselect={false}
          onChange={(by) => onChange({ by })}
        />
        {variant && (
          <SchemaFields {...{ kind, value, onChange, secret }} schema={withoutChoice(variant)} />
        )}
      </Stack>
    );
  }
  const fields = Object.entries(schema.properties ?? {});
  return (
    <Stack gap="md">
      {fields.map(([name, field]) => (
        <OneField
          key={name}
          field={field}
          label={labelOf(t, kind, name, field)}
          required={(schema.required ?? []).includes(name)}
          secret={secret}
          value={value[name] ?? field.default ?? ''}
          onChange={(entered) => onChange({ ...value, [name]: entered })}
        />
      ))}
    </Stack>
  );
}

/** From so many characters on a field is one of several lines. */
const severalLines = 5000;

interface OneFieldProps {
  readonly field: FieldSchema;
  readonly label: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

function OneField({ field, label, required, secret, value, onChange }: OneFieldProps) {
  const t = useWords('registers/connections');
  const kind = field.type ?? field.anyOf?.find(({ type }) => type !== 'null')?.type;
  const typed = (event: { readonly currentTarget: { readonly value: string } }) =>
    onChange(event.currentTarget.value);
  if (kind === 'boolean') {
    return (
      <Checkbox
        label={label}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (kind === 'array') {
    return (
      <Textarea
        label={label}
        description={t('setup.lines')}
        autosize
        minRows={2}
        value={Array.isArray(value) ? value.join('\n') : ''}
        onChange={(event) =>
          onChange(event.currentTarget.value.split('\n').map((line) => line.trim()))
        }
      />
    );
  }
  // A private key has lines, which a field of one line would run together.
  if ((field.maxLength ?? 0) >= severalLines) {
    return (
      <Textarea
        label={label}
        required={required}
        autosize
        minRows={2}
        maxRows={8}
        autoComplete="off"
        spellCheck={false}
        value={String(value ?? '')}
        onChange={typed}
      />
    );
  }
  const shared = { label, required, value: String(value ?? ''), onChange: typed };
  return secret ? (
    <PasswordInput {...shared} autoComplete="off" />
  ) : (
    <TextInput {...shared} autoComplete="off" />
  );
}

function labelOf(t: Words, kind: string, name: string, field: FieldSchema): string {
  const key = `field.${kind}.${name}`;
  const label = t(key);
  return label === key ? (field.title ?? name) : label;
}

function variantOf(schema: FieldSchema): string {
  return schema.properties?.['by']?.const ?? '';
}

function withoutChoice(schema: FieldSchema): FieldSchema {
  const { by: _by, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
}

/** What was entered as it is sent: empty fields are left out, numbers are numbers. */
export function sentOf(schema: FieldSchema, value: Entered): Record<string, unknown> {
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) {
    const by = typeof value['by'] === 'string' ? value['by'] : variantOf(variants[0] ?? {});
    const variant = variants.find((each) => variantOf(each) === by) ?? {};
    return { by, ...sentOf(withoutChoice(variant), value) };
  }
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
      const entered = value[name];
      if (Array.isArray(entered)) return [[name, entered.filter((line) => line !== '')]];
      if (entered === undefined || entered === '' || entered === null) return [];
      const number = field.type === 'integer' || field.type === 'number';
      return [[name, number ? Number(entered) : entered]];
    }),
  );
}
