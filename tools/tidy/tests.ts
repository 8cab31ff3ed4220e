import type { House } from './house.ts';
import type { Finding, Rule } from './rule.ts';
import type { Source } from './source.ts';

const CALLS: readonly (readonly [RegExp, string])[] = [
  [/^vi\.(mock|doMock)$/, 'mocks a module; give the code a value instead'],
  [/^vi\.(useFakeTimers|setSystemTime)$/, 'bends time; pass `now` as a value'],
  [/^(describe|it|test)(\.\w+)*\.only$/, 'runs alone and hides the others'],
  [/^(describe|it|test)(\.\w+)*\.(skip|todo)$/, 'is not run; make it pass or take it out'],
];

/** Tests that test: our own modules as they are, in their own time, all of them, each with an assertion. */
export const tests: Rule = {
  name: 'tests',
  judge(house: House) {
    const files = house.sources.filter((source) => source.isTest);
    return { findings: files.flatMap(objections), covered: { 'test files': files.length } };
  },
};

function objections(source: Source): Finding[] {
  const called = source.nodes('CallExpression').flatMap((call) => {
    const callee = source.text.slice(call.callee.start, call.callee.end);
    const objection = CALLS.find(([pattern]) => pattern.test(callee));
    return objection
      ? [
          {
            path: source.path,
            line: source.lineAt(call.start),
            message: `${callee} ${objection[1]}`,
          },
        ]
      : [];
  });
  // What tests share asserts nothing by itself.
  const asserts = /\.fixture\.\w+$/.test(source.path) || /\b(expect|assert)\b/.test(source.text);
  return asserts ? called : [...called, { path: source.path, line: 1, message: 'asserts nothing' }];
}
