import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guessMapping, missingFields } from './ColumnMapper.tsx';
import { readFile, readHead } from './readHead.ts';

test('quotes, line ends and delimiters as files have them', () => {
  expect(readHead('\ufeffname;note\r\n"Sato; H.";"two\nlines, ""quoted"""\r\n')).toEqual({
    delimiter: ';',
    records: [
      ['name', 'note'],
      ['Sato; H.', 'two\nlines, "quoted"'],
    ],
  });
  expect(readHead('alice read\nbob write\n').records).toEqual([
    ['alice', 'read'],
    ['bob', 'write'],
  ]);
  expect(readHead('').records).toEqual([]);
});

test('whatever is quoted by RFC 4180 is read back', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '名', ' ') });
  // A header of two plain names settles the delimiter, as real files do.
  const rows = fc.array(fc.tuple(cell, cell), { maxLength: 10 });
  fc.assert(
    fc.property(rows, (given) => {
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = ['x,y', ...given.map((row) => row.map(quote).join(','))].join('\r\n');
      expect(readHead(text).records).toEqual([['x', 'y'], ...given]);
    }),
  );
});

test('a file that is no UTF-8 is read as Shift_JIS', async () => {
  const bytes = new Uint8Array([0x8e, 0x81, 0x96, 0xbc]);
  expect((await readFile(new File([bytes], 'a.csv'))).text).toBe('氏名');
  expect((await readFile(new File(['氏名'], 'a.csv'))).text).toBe('氏名');
});

const fields = [
  { id: 'name', label: 'Name', required: true, alsoNamed: ['氏名'] },
  { id: 'email', label: 'Email', required: true },
];

test('columns are guessed by any of their names, else by place', () => {
  const named = guessMapping(readHead('Email,氏名\na@example.com,佐藤\n'), fields);
  expect(named).toEqual({ delimiter: ',', header: true, columns: { name: 1, email: 0 } });
  const placed = guessMapping(readHead('alice read\n'), fields);
  expect(placed).toEqual({ delimiter: ' ', header: false, columns: { name: 0, email: 1 } });
  expect(missingFields({ ...named, columns: { email: 0 } }, fields).map(({ id }) => id)).toEqual([
    'name',
  ]);
});
