import { ALLOWED_NAMES } from './allowed-names.ts';
import type { House } from './house.ts';
import type { Finding, Rule } from './rule.ts';

/** Words that could stand on any door, and therefore say nothing of the room behind it. */
const BANNED = new Set([
  'util',
  'utils',
  'common',
  'helper',
  'helpers',
  'manager',
  'managers',
  'service',
  'services',
  'data',
  'info',
]);

/** Folders, files and exported names say what is in them. */
export const names: Rule = {
  name: 'names',
  judge(house: House) {
    const findings: Finding[] = [];
    let exported = 0;
    for (const path of house.paths) {
      for (const part of path.split('/')) {
        const word = bannedWord(part);
        if (word !== undefined)
          findings.push({ path, line: 1, message: `"${word}" in the name ${part} says nothing` });
      }
    }
    for (const source of house.sources) {
      for (const { name, line } of source.exports) {
        exported += 1;
        const word = bannedWord(name);
        if (word !== undefined)
          findings.push({
            path: source.path,
            line,
            message: `"${word}" in the export ${name} says nothing`,
          });
      }
    }
    return { findings, covered: { 'exported names': exported } };
  },
};

function bannedWord(name: string): string | undefined {
  if (Object.hasOwn(ALLOWED_NAMES, name)) return undefined;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  return words
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .find((word) => BANNED.has(word));
}
