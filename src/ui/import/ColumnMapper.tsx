import { Checkbox, Select, Table } from '@mantine/core';
import { useWords } from '../words.ts';
import type { FileHead, Mapping } from './readHead.ts';

/** A field that a column of the file can go to. */
export type ImportField = {
  readonly id: string;
  readonly label: string;
  readonly required?: boolean;
  /** Other names a column may have in a file, lower case: `['mail', 'e-mail', 'メール']`. */
  readonly alsoNamed?: readonly string[];
};

/** A first guess: columns whose name is the field's id, label or other name; by position where there are no names. */
export function guessMapping(head: FileHead, fields: readonly ImportField[]): Mapping {
  const names = (head.records[0] ?? []).map((name) => name.trim().toLowerCase());
  const namesOf = (field: ImportField) =>
    [field.id, field.label, ...(field.alsoNamed ?? [])].map((name) => name.toLowerCase());
  const byName = fields.flatMap((field) => {
    const at = names.findIndex((name) => namesOf(field).includes(name));
    return at < 0 ? [] : [[field.id, at] as const];
  });
  if (byName.length > 0)
    return { delimiter: head.delimiter, header: true, columns: Object.fromEntries(byName) };
  const byPlace = fields.slice(0, names.length).map((field, at) => [field.id, at] as const);
  return { delimiter: head.delimiter, header: false, columns: Object.fromEntries(byPlace) };
}

/** Required fields that no column goes to. */
export const missingFields = (mapping: Mapping, fields: readonly ImportField[]) =>
  fields.filter((field) => field.required && mapping.columns[field.id] === undefined);

type ColumnMapperProps = {
  head: FileHead;
  fields: readonly ImportField[];
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
};

/**
 * Which column of a file goes to which field.
 *
 * @example <ColumnMapper head={readHead(file.text)} fields={fields} mapping={mapping} onChange={setMapping} />
 */
export function ColumnMapper({ head, fields, mapping, onChange }: ColumnMapperProps) {
  const t = useWords('ui');
  const first = head.records[0] ?? [];
  const samples = mapping.header ? head.records[1] : head.records[0];
  const fieldOf = (at: number) =>
    fields.find((field) => mapping.columns[field.id] === at)?.id ?? null;
  const send = (at: number, field: string | null) => {
    const others = Object.entries(mapping.columns).filter(
      ([id, column]) => column !== at && id !== field,
    );
    onChange({
      ...mapping,
      columns: Object.fromEntries(field === null ? others : [...others, [field, at]]),
    });
  };
  const missing = missingFields(mapping, fields);
  return (
    <div>
      <Checkbox
        mb="sm"
        label={t('import.header')}
        checked={mapping.header}
        onChange={(event) => onChange({ ...mapping, header: event.currentTarget.checked })}
      />
      <Table.ScrollContainer minWidth={480}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('import.column')}</Table.Th>
              <Table.Th>{t('import.sample')}</Table.Th>
              <Table.Th>{t('import.field')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {first.map((name, at) => {
              const column = mapping.header ? name : t('import.nth', { n: at + 1 });
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place in the file
                <Table.Tr key={at}>
                  <Table.Td>{column}</Table.Td>
                  <Table.Td className="kept-soft">{samples?.[at]}</Table.Td>
                  <Table.Td>
                    <Select
                      aria-label={`${t('import.field')}: ${column}`}
                      placeholder={t('import.ignore')}
                      clearable
                      data={fields.map(({ id, label }) => ({ value: id, label }))}
                      value={fieldOf(at)}
                      onChange={(field) => send(at, field)}
                    />
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {missing.length > 0 && (
        <p role="status" className="kept-will">
          {t('import.required', { fields: missing.map(({ label }) => label).join(', ') })}
        </p>
      )}
    </div>
  );
}
