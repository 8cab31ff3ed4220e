import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine } from '../csv-writer.ts';
import { booleanCell, choicesCell, dateCell, emailCell, textCell } from './cells.ts';
import { decodeText } from './decode.ts';
import { digestOfPairs, parsePairs } from './pairs.ts';
import { explained, inHeaders } from './problem.ts';
import { delimiterOf } from './records.ts';
import { shapeOf } from './shape.ts';
import { headersKnownTo, readTable } from './table.ts';

const fields = {
  name: { cell: textCell(100), headers: ['氏名', 'full name'], required: true },
  email: { cell: emailCell, headers: ['メールアドレス', 'mail'] },
  startsOn: { cell: dateCell, headers: ['入社日', 'start date'] },
};

describe('a table', () => {
  test('finds its columns by headers in either language', () => {
    const read = readTable('氏名,メールアドレス,備考\n佐藤 花子,hanako@example.com,x\n', fields);
    expect(read.problems).toEqual([]);
    expect(read.mapping).toEqual({ name: '氏名', email: 'メールアドレス' });
    expect(read.rows).toEqual([
      { line: 2, values: { name: '佐藤 花子', email: 'hanako@example.com' } },
    ]);
  });

  test('takes tabs and semicolons, a byte order mark and blank lines', () => {
    const read = readTable('\uFEFFFull name;E-Mail;Start date\n\nA;;2026/4/1\n', {
      ...fields,
      email: { ...fields.email, headers: ['E-Mail'] },
    });
    expect(read.problems).toEqual([]);
    expect(read.rows).toEqual([
      { line: 3, values: { name: 'A', email: null, startsOn: '2026-04-01' } },
    ]);
  });

  test.each([
    ['a\tb,c\td\n1,2,3,4', '\t'],
    ['"a,b,c";d', ';'],
    ['name\n1,2', ','],
    ['\n\nname;mail\n', ';'],
    // More commas than semicolons, and the headers that are looked for are between semicolons.
    ['Mail;Full name;note (a, b, c, d)\n', ';'],
    ['Mail\tFull name\tnote; a; b; c\n', '\t'],
    ['a,b;c', null],
  ])('is separated as the headers of %j say: %j', (text, separator) => {
    expect(delimiterOf(text, headersKnownTo(fields))).toBe(separator);
  });

  test('whose separator is not to be told is refused, unless the reader named a column', () => {
    const text = '\nWho, whence;Mailbox\nA, B;a@example.com\n';
    const read = readTable(text, fields);
    expect(read.problems).toMatchObject([{ line: 2, code: 'separator' }]);
    const named = readTable(text, fields, { name: 'Who, whence', email: 'Mailbox' });
    expect(named.problems).toEqual([]);
    expect(named.rows[0]?.values).toEqual({ name: 'A, B', email: 'a@example.com' });
  });

  test('says line, column and reason of each problem, and gives no half of it a meaning', () => {
    const read = readTable(
      'name,email,startsOn\nA,not-an-address,2026-02-30\n,b@example.com,\nC\n',
      fields,
    );
    expect(explained(read.problems, 'en')).toEqual([
      {
        line: 2,
        column: 'email',
        code: 'notEmail',
        why: '“not-an-address” is not an e-mail address.',
      },
      {
        line: 2,
        column: 'startsOn',
        code: 'notDate',
        why: '“2026-02-30” is not a date; write it as 2026-04-01.',
      },
      { line: 3, column: 'name', code: 'missing', why: 'A value is needed here.' },
      {
        line: 4,
        column: '',
        code: 'columns',
        why: 'There are 1 values where the header names 3 columns.',
      },
    ]);
    expect(explained(read.problems, 'ja')[0]?.why).toBe(
      '「not-an-address」はメールアドレスではありません。',
    );
  });

  test('a row is named by the line on which it begins, whatever its cells and the line ends', () => {
    const rows = ['name,email', '"A\nB",x', '', ',', '"C\n\nD",y', 'E,z', ''];
    for (const lineEnd of ['\n', '\r\n']) {
      const { problems } = readTable(rows.join('\n').replaceAll('\n', lineEnd), fields);
      expect(problems.map(({ line, column }) => [line, column])).toEqual([
        [2, 'email'],
        [6, 'email'],
        [9, 'email'],
      ]);
    }
    const open = readTable('name,email\n"A\nB",\n\n"C,c@example.com\nD,d@example.com\n', fields);
    expect(open.problems).toMatchObject([{ line: 5, code: 'quotes' }]);
  });

  test('what is found out later by field is told by the header of the file', () => {
    const found = [
      {
        line: 7,
        column: 'email',
        code: 'duplicate',
        params: { field: 'name, email', line: 3 },
      },
      { line: 8, column: 'startsOn', code: 'missing', params: {} },
    ] as const;
    expect(inHeaders(found, { name: '氏名', email: 'E-Mail-Adresse' })).toEqual([
      {
        line: 7,
        column: 'E-Mail-Adresse',
        code: 'duplicate',
        params: { field: '氏名, E-Mail-Adresse', line: 3 },
      },
      { line: 8, column: 'startsOn', code: 'missing', params: {} },
    ]);
  });

  test('an open quotation mark, an empty file and a missing column are problems', () => {
    expect(readTable('name\n"A\n', fields).problems[0]?.code).toBe('quotes');
    expect(readTable('\n \n', fields).problems[0]?.code).toBe('empty');
    expect(readTable('email\na@example.com\n', fields).problems).toMatchObject([
      { code: 'noColumn', params: { field: 'name' } },
    ]);
    expect(readTable('name\nA\n', fields, { email: 'post' }).problems).toMatchObject([
      { code: 'unknownColumn', column: 'post' },
    ]);
  });

  test('without a header the columns are numbered, and a mapping may speak of the numbers', () => {
    const bare = readTable('A,a@example.com\nB,b@example.com\n', fields, { name: '1', email: '2' });
    expect(bare.header).toEqual(['1', '2']);
    expect(bare.rows.map((row) => row.values.name)).toEqual(['A', 'B']);
  });

  test('reads what the writer wrote, whatever the text', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) =>
      text
        .replace(/[\p{Cc}\p{Cs}\uFEFF]/gu, '')
        .trim()
        .normalize('NFC'),
    );
    const row = fc.tuple(
      value.filter((text) => text !== ''),
      value,
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const schema = {
          name: { cell: textCell(500), headers: [], required: true },
          note: { cell: textCell(500), headers: [] },
        };
        const text = csvLine(['name', 'note']) + rows.map(csvLine).join('');
        const read = readTable(text, schema);
        expect(read.problems).toEqual([]);
        expect(read.rows.map(({ values }) => [values.name, values.note ?? ''])).toEqual(rows);
      }),
    );
  });

  test('never throws, whatever the file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const read = readTable(text, fields);
        expect(read.rows.length === 0 || read.header.length > 0).toBe(true);
        expect(Array.isArray(parsePairs(text).pairs)).toBe(true);
      }),
    );
  });
});

describe('cells', () => {
  test('dates, answers and choices are read in either language', () => {
    expect(dateCell.parse('2026年4月1日')).toBe('2026-04-01');
    expect(dateCell.safeParse('01/04/2026').success).toBe(false);
    expect([booleanCell.parse('はい'), booleanCell.parse('NO'), booleanCell.parse('１')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(choicesCell([['engineer', '技術者'], ['support']]).parse('技術者、Support')).toEqual([
      'engineer',
      'support',
    ]);
  });
});

describe('decoding', () => {
  test('UTF-8, Shift_JIS and UTF-16 are told apart; what is neither is refused', () => {
    expect(decodeText(Buffer.from('氏名'))).toEqual({ text: '氏名', encoding: 'utf-8' });
    expect(decodeText(Uint8Array.of(0x8e, 0x81, 0x96, 0xbc))).toEqual({
      text: '氏名',
      encoding: 'shift_jis',
    });
    expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x0f, 0x6c))?.text).toBe('氏');
    expect(decodeText(Uint8Array.of(0xfd, 0xff, 0x80))).toBeNull();
  });
});

describe('pairs', () => {
  test('right-aligned columns, comments, blank lines and duplicates', () => {
    const parsed = parsePairs('# exported\r\n        1          1\r\n\r\n   10\t  2  \n 1 1\n');
    expect(parsed).toEqual({
      accounts: ['1', '10'],
      entitlements: ['1', '2'],
      pairs: [0, 0, 1, 1],
      duplicates: 1,
      problems: [],
    });
  });

  test.each([
    ['ada  read\nbob write\n', 'pairs'],
    ['\n# of users\n   ada\tread\n', 'pairs'],
    ['ada\t\tMay write\n', 'pairs'],
    ['User\tRole\nada\tread\n', 'table'],
    ['ada\tread\tsince 2026\n', 'table'],
    ['ada;read\n', 'table'],
    ['"ada" read\n', 'table'],
    ['user role\nada read\n', 'unclear'],
    ['user read\n', 'pairs'],
    ['', 'table'],
  ])('%j is of %s', (text, shape) => {
    const isHeader = (name: string) => ['user', 'role'].includes(name.toLowerCase());
    expect(shapeOf(text, isHeader)).toBe(shape);
  });

  test('with tabs between may have blanks in their names, on every line alike', () => {
    const { accounts, entitlements, problems } = parsePairs(
      'ada\tMay write\nBob B.\t\tread\r\ncy read\n',
    );
    expect([accounts, entitlements]).toEqual([
      ['Bob B.', 'ada'],
      ['May write', 'read'],
    ]);
    expect(problems).toMatchObject([{ line: 3, code: 'pairFields', params: { found: 1 } }]);
  });

  test('a line with one or three fields is named', () => {
    const { problems } = parsePairs('a b\nc\nd e f\n');
    expect(problems).toEqual([
      { line: 2, column: '', code: 'pairFields', params: { found: 1 } },
      { line: 3, column: '', code: 'pairFields', params: { found: 3 } },
    ]);
  });

  test('the digest depends on what is said, not on the order of the lines', () => {
    const name = fc.stringMatching(/^[a-z0-9@.]{1,6}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { minLength: 1 }), fc.nat(), (pairs, turn) => {
        const lines = pairs.map(([a, b]) => `${a}  ${b}`);
        const turned = [
          ...lines.slice(turn % lines.length),
          ...lines.slice(0, turn % lines.length),
        ];
        const [one, other] = [
          parsePairs(lines.join('\n')),
          parsePairs([...turned, ...lines].join('\n')),
        ];
        expect(digestOfPairs(one)).toBe(digestOfPairs(other));
        expect(new Set(pairs.map(String)).size).toBe(one.pairs.length / 2);
      }),
    );
    expect(digestOfPairs(parsePairs('a b'))).not.toBe(digestOfPairs(parsePairs('b a')));
  });
});
