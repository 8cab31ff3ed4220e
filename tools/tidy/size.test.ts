import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { size } from './size.ts';

const lines = (count: number) =>
  Array.from({ length: count }, (_, line) => `  work(${line});\n`).join('');

describe('sizes', () => {
  it.each([
    ['a declaration', (body: string) => `function long() {\n${body}}\n`],
    ['an arrow', (body: string) => `const long = () => {\n${body}};\n`],
    ['a method', (body: string) => `class It { long() {\n${body}} }\n`],
    [
      'a component',
      (body: string) =>
        `export function Page() { return <p>{(\n${body.replaceAll('  work', '').replaceAll(';', '+')}0)}</p> }\n`,
    ],
  ])('lets %s have 70 lines and not 71', (_, wrap) => {
    expect(objectionsOf(size, { 'a.tsx': wrap(lines(68)) })).toEqual([]);
    expect(objectionsOf(size, { 'a.tsx': wrap(lines(71)) })[0]).toMatch(
      /a\.tsx:1 function of 7\d lines, limit 70/,
    );
  });

  it('lets the body of describe be long, but not that of a single test', () => {
    expect(objectionsOf(size, { 'a.test.ts': `describe('x', () => {\n${lines(90)}});` })).toEqual(
      [],
    );
    expect(objectionsOf(size, { 'a.test.ts': `it('x', () => {\n${lines(90)}});` })).toHaveLength(1);
    expect(objectionsOf(size, { 'a.ts': `describe('x', () => {\n${lines(90)}});` })).toHaveLength(
      1,
    );
  });

  it('lets a file have 400 lines and not 401', () => {
    expect(objectionsOf(size, { 'a.ts': 'let a;\n'.repeat(400) })).toEqual([]);
    expect(objectionsOf(size, { 'a.ts': 'let a;\n'.repeat(401) })).toEqual([
      'a.ts:1 file of 401 lines, limit 400',
    ]);
    expect(objectionsOf(size, { 'a.json': '1\n'.repeat(900) })).toEqual([]);
  });
});
