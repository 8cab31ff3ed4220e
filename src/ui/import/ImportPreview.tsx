import { Table } from '@mantine/core';
import { useWords } from '../words.ts';

/** What the server found in the file, before anything is imported. */
export type Preview = {
  /** Lines that can be read. */
  readonly fine: number;
  /** Lines that cannot; `problems` may hold only the first of them. */
  readonly problemCount: number;
  readonly problems: readonly {
    readonly line: number;
    readonly column?: string | null;
    readonly message: string;
  }[];
  /** Names of columns and the first rows as they will be imported. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** Either the lines that are wrong (line, column, why), or the first rows as they will be. */
export function ImportPreview({ preview }: { preview: Preview }) {
  const t = useWords('ui');
  const broken = preview.problemCount > 0;
  return (
    <>
      <p role="status">
        <strong>
          {broken
            ? t('import.problems', { count: preview.problemCount })
            : t('import.rowsFine', { count: preview.fine })}
        </strong>
      </p>
      {broken ? <Problems preview={preview} /> : <FirstRows preview={preview} />}
    </>
  );
}

function Problems({ preview }: { preview: Preview }) {
  const t = useWords('ui');
  return (
    <>
      <p>{t('import.noneImported')}</p>
      <Rows
        caption={t('import.firstProblems', { count: preview.problems.length })}
        columns={[t('import.line'), t('import.column'), t('import.why')]}
        rows={preview.problems.map(({ line, column, message }) => [
          String(line),
          column ?? '',
          message,
        ])}
      />
    </>
  );
}

function FirstRows({ preview }: { preview: Preview }) {
  const t = useWords('ui');
  return <Rows caption={t('import.firstRows')} columns={preview.columns} rows={preview.rows} />;
}

function Rows({
  caption,
  columns,
  rows,
}: {
  caption: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}) {
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table captionSide="top">
        <Table.Caption ta="start">{caption}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file may be alike
            <Table.Tr key={at}>
              {row.map((cell, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                <Table.Td key={place}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
