import fc from 'fast-check';

/** What is done to a file: something is cut out of it and something else is put there, maybe twice. */
export interface Bending {
  readonly at: number;
  readonly drop: number;
  readonly put: string;
  readonly again: { readonly at: number; readonly put: string } | null;
}

/** Pieces that mean something in one format or another. */
const pieces = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ':',
    ',',
    '\n',
    '\r',
    '\t',
    '\0',
    '\uFEFF',
    '\\',
    '%',
    '@',
    '(',
  ],
  ...['&a *a', '<<: *a', '!!js/function x', '<!DOCTYPE a>', '<![CDATA[', '&#x0;', '<a/>', '---\n'],
  ...['__proto__', 'constructor', 'null', '1e999', '-0', '\ud800', '[['.repeat(500)],
  '{"a":'.repeat(500),
];

/** Ways in which a file is cut, bent or filled. */
export function bendingOf(text: string): fc.Arbitrary<Bending> {
  const put = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.constantFrom(...pieces),
  );
  return fc.record({
    at: fc.nat(text.length),
    drop: fc.oneof({ weight: 3, arbitrary: fc.nat(40) }, fc.nat(text.length)),
    put,
    again: fc.option(fc.record({ at: fc.nat(text.length), put })),
  });
}

export function bent(text: string, { at, drop, put, again }: Bending): string {
  const once = `${text.slice(0, at)}${put}${text.slice(at + drop)}`;
  return again === null ? once : `${once.slice(0, again.at)}${again.put}${once.slice(again.at)}`;
}
