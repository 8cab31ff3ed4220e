import type { House } from './house.ts';
import type { Finding, Rule } from './rule.ts';
import type { NodeOf, Source } from './source.ts';

interface Marked {
  readonly id: string;
  readonly line: number;
}

const MARK = /\{#([A-Z][A-Z0-9]*-\d+)\}/g;
const PROMISE_ID = /^[A-Z][A-Z0-9]*-\d+$/;

/**
 * Every promise stands in the policy's text in both languages, is declared by its clause, and where
 * something upholds it, a test beside that names it.
 */
export const promises: Rule = {
  name: 'promises',
  judge(house: House) {
    const clauses = foldersOf(house);
    const all = new Map<string, string>();
    const findings: Finding[] = [];
    for (const folder of clauses) {
      const english = marksIn(house, `${folder}/policy.en.md`);
      findings.push(...textObjections(house, folder, english));
      findings.push(...declarationObjections(house, folder, english));
      for (const { id, line } of english) {
        const elsewhere = all.get(id);
        if (elsewhere !== undefined && elsewhere !== folder) {
          findings.push({
            path: `${folder}/policy.en.md`,
            line,
            message: `${id} stands in ${elsewhere} as well`,
          });
        }
        all.set(id, folder);
      }
    }
    findings.push(...upheldObjections(house, all));
    return { findings, covered: { promises: all.size } };
  },
};

function foldersOf(house: House): string[] {
  const found = house.paths.flatMap((path) => /^src\/clauses\/[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(found)];
}

function marksIn(house: House, path: string): Marked[] {
  const lines = (house.text(path) ?? '').split('\n');
  return lines.flatMap((text, index) =>
    [...text.matchAll(MARK)].map((match) => ({ id: match[1] ?? '', line: index + 1 })),
  );
}

function textObjections(house: House, folder: string, english: readonly Marked[]): Finding[] {
  const findings: Finding[] = [];
  const japanese = marksIn(house, `${folder}/policy.ja.md`);
  for (const [language, marks] of [
    ['en', english],
    ['ja', japanese],
  ] as const) {
    const path = `${folder}/policy.${language}.md`;
    if (house.text(path) === undefined)
      findings.push({ path, line: 1, message: 'the clause has no text in this language' });
    else if (marks.length === 0)
      findings.push({ path, line: 1, message: 'the text marks no promise' });
    findings.push(...duplicates(path, marks), ...gaps(path, marks));
  }
  const missing = (path: string, marks: readonly Marked[], others: readonly Marked[]) =>
    others
      .filter(({ id }) => !marks.some((mark) => mark.id === id))
      .map(({ id }) => ({ path, line: 1, message: `${id} is marked in the other language only` }));
  return [
    ...findings,
    ...missing(`${folder}/policy.en.md`, english, japanese),
    ...missing(`${folder}/policy.ja.md`, japanese, english),
  ];
}

function duplicates(path: string, marks: readonly Marked[]): Finding[] {
  return marks
    .filter(({ id }, index) => marks.findIndex((mark) => mark.id === id) !== index)
    .map(({ id, line }) => ({ path, line, message: `${id} is marked twice` }));
}

/** Ids are numbered from 1 without holes: a hole is a promise that somebody lost. */
function gaps(path: string, marks: readonly Marked[]): Finding[] {
  const highest = new Map<string, number>();
  for (const { id } of marks) {
    const [prefix = '', number = '0'] = id.split('-');
    highest.set(prefix, Math.max(highest.get(prefix) ?? 0, Number(number)));
  }
  return [...highest].flatMap(([prefix, last]) =>
    Array.from({ length: last }, (_, index) => `${prefix}-${index + 1}`)
      .filter((id) => !marks.some((mark) => mark.id === id))
      .map((id) => ({ path, line: 1, message: `${id} is missing between its neighbours` })),
  );
}

/** The keys under `promises:` of clause.ts are the ids of the text, no more and no fewer. */
function declarationObjections(house: House, folder: string, marks: readonly Marked[]): Finding[] {
  const path = `${folder}/clause.ts`;
  const source = house.source(path);
  if (source === undefined) return [];
  const declared = promisesObject(source).flatMap((object) =>
    object.properties.flatMap((entry) => (entry.type === 'Property' ? keyOf(entry) : [])),
  );
  const unmarked = declared
    .filter((id) => !marks.some((mark) => mark.id === id))
    .map((id) => ({
      path,
      line: 1,
      message: `declares ${id}, which the clause's text does not mark`,
    }));
  const undeclared = marks
    .filter(({ id }) => !declared.includes(id))
    .map(({ id }) => ({
      path,
      line: 1,
      message: `does not declare ${id}, which the clause's text marks`,
    }));
  return [...unmarked, ...undeclared];
}

/**
 * A check, duty or guard names its promise; a test in the same folder must name it too. A guard is
 * proven by nothing but a test, so that test names the guard itself.
 */
function upheldObjections(house: House, known: ReadonlyMap<string, string>): Finding[] {
  const tested = new Map<string, string>();
  for (const source of house.sources.filter((it) => it.isTest)) {
    const folder = folderOf(source.path);
    tested.set(folder, `${tested.get(folder) ?? ''}\n${source.text}`);
  }
  return house.sources
    .filter((source) => source.path.startsWith('src/clauses/') && !source.isTest)
    .flatMap((source) => {
      const tests = tested.get(folderOf(source.path)) ?? '';
      return upholdersIn(source).flatMap(({ promise, guard, line }) => {
        const object = (message: string) => [{ path: source.path, line, message }];
        if (!known.has(promise)) return object(`${promise} stands in no clause's text`);
        if (!mentions(tests, promise))
          return object(`${promise} is upheld here, but no test beside it names it`);
        if (guard !== undefined && !mentions(tests, guard))
          return object(`no test beside names the guard ${guard}`);
        return [];
      });
    });
}

/** Objects with a promise; one that has an id but neither a query nor a rhythm is a guard. */
function upholdersIn(source: Source) {
  return source.nodes('ObjectExpression').flatMap((object) => {
    const promise = textOf(object, 'promise');
    if (promise === undefined || !PROMISE_ID.test(promise)) return [];
    const keys = object.properties.flatMap((entry) =>
      entry.type === 'Property' ? keyOf(entry) : [],
    );
    const isGuard =
      keys.includes('states') && !keys.includes('violations') && !keys.includes('kind');
    return {
      promise,
      guard: isGuard ? textOf(object, 'id') : undefined,
      line: source.lineAt(object.start),
    };
  });
}

function textOf(object: NodeOf<'ObjectExpression'>, name: string): string | undefined {
  for (const entry of object.properties) {
    if (entry.type !== 'Property' || keyOf(entry)[0] !== name) continue;
    if (entry.value.type === 'Literal' && typeof entry.value.value === 'string')
      return entry.value.value;
  }
  return undefined;
}

const folderOf = (path: string) => path.split('/').slice(0, 3).join('/');
const mentions = (text: string, id: string) => new RegExp(`\\b${id}\\b`).test(text);

function promisesObject(source: Source): NodeOf<'ObjectExpression'>[] {
  return source
    .nodes('ObjectExpression')
    .flatMap((object) =>
      object.properties.flatMap((entry) =>
        entry.type === 'Property' &&
        keyOf(entry)[0] === 'promises' &&
        entry.value.type === 'ObjectExpression'
          ? entry.value
          : [],
      ),
    );
}

function keyOf({ key }: NodeOf<'Property'>): string[] {
  if (key.type === 'Identifier') return [key.name];
  return key.type === 'Literal' && typeof key.value === 'string' ? [key.value] : [];
}
