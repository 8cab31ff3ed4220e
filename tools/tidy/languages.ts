import type { House } from './house.ts';
import type { Finding, Rule } from './rule.ts';

/** A leaf of a words file: dotted key and sentence. */
type Words = ReadonlyMap<string, string>;

/** Japanese has one plural form, English two: the forms of a key count as one. */
const PLURAL = /_(zero|one|two|few|many|other)$/;
const PLACEHOLDER = /\{\{?\s*-?\s*([\w.]+)[^}]*\}/g;

/** Both languages say the same things: same keys, same placeholders, nothing left empty. */
export const languages: Rule = {
  name: 'languages',
  judge(house: House) {
    const findings: Finding[] = [];
    let words = 0;
    for (const path of house.paths.filter((it) => /(^|\/)words\.(en|ja)\.json$/.test(it))) {
      const other = path.replace(/\.(en|ja)\.json$/, (_, language: string) =>
        language === 'en' ? '.ja.json' : '.en.json',
      );
      const here = readWords(house, path, findings);
      words += here.size;
      if (house.text(other) === undefined)
        findings.push({ path, line: 1, message: `there is no ${other}` });
      else
        findings.push(
          ...objections(path, house.text(path) ?? '', here, readWords(house, other, [])),
        );
    }
    return { findings, covered: { words } };
  },
};

function readWords(house: House, path: string, findings: Finding[]): Words {
  const words = new Map<string, string>();
  const collect = (value: unknown, key: string): void => {
    if (typeof value === 'string') words.set(key, value);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, child] of Object.entries(value))
        collect(child, key === '' ? name : `${key}.${name}`);
    } else
      findings.push({ path, line: 1, message: `${key} is neither words nor a group of words` });
  };
  try {
    collect(JSON.parse(house.text(path) ?? ''), '');
  } catch (error) {
    findings.push({ path, line: 1, message: `not JSON: ${String(error)}` });
  }
  return words;
}

function objections(path: string, text: string, here: Words, there: Words): Finding[] {
  const findings: Finding[] = [];
  const otherKeys = new Set([...there.keys()].map(singular));
  const report = (key: string, message: string) =>
    findings.push({ path, line: lineOf(text, key), message: `${key} ${message}` });
  for (const [key, sentence] of here) {
    if (sentence.trim() === '') report(key, 'is empty');
    if (!otherKeys.has(singular(key))) report(key, 'is missing in the other language');
  }
  const [ours, theirs] = [placeholders(here), placeholders(there)];
  for (const [key, names] of ours) {
    const expected = theirs.get(key);
    if (expected === undefined) continue;
    // `count` chooses the plural form and need not be spoken in each.
    const missing = [...expected].filter((name) => !names.has(name) && name !== 'count');
    if (missing.length > 0) report(key, `lacks {${missing.join('}, {')}} of the other language`);
  }
  return findings;
}

function placeholders(words: Words): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [key, sentence] of words) {
    const names = found.get(singular(key)) ?? new Set();
    for (const match of sentence.matchAll(PLACEHOLDER)) names.add(match[1] ?? '');
    found.set(singular(key), names);
  }
  return found;
}

const singular = (key: string) => key.replace(PLURAL, '');

function lineOf(text: string, key: string): number {
  const name = `"${key.split('.').at(-1) ?? ''}`;
  const at = text.indexOf(name);
  return at === -1 ? 1 : text.slice(0, at).split('\n').length;
}
