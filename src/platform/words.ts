import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fill, type Language, languages } from '../kernel/language.ts';

/** The words of every room, on the server's side: refusals, mails, problem details. */
export interface Dictionary {
  /** The sentence of a key in a room; null where the room has none. */
  find(language: Language, room: string, key: string): string | null;
  /** As `find`, in any room, filled with its values; the key itself where nobody has it. */
  say(language: Language, key: string, params: Readonly<Record<string, string | number>>): string;
}

/** Reads `words.{en,ja}.json` of every room under `root` (the folder of the sources). */
export async function readDictionary(root: string): Promise<Dictionary> {
  const words = new Map<string, string>();
  for (const room of await roomsWithWords(root)) {
    for (const language of languages) {
      const path = join(root, room, `words.${language}.json`);
      const flat = flatten(JSON.parse(await readFile(path, 'utf8')));
      for (const [key, text] of flat) {
        words.set(`${language} ${room} ${key}`, text);
        // Rooms share one name space of refusal codes; the first to claim a key keeps it.
        if (!words.has(`${language} ${key}`)) words.set(`${language} ${key}`, text);
      }
    }
  }
  return {
    find: (language, room, key) => words.get(`${language} ${room} ${key}`) ?? null,
    say: (language, key, params) => fill(words.get(`${language} ${key}`) ?? key, params),
  };
}

async function roomsWithWords(root: string): Promise<string[]> {
  const rooms = ['platform', 'platform/identity'];
  for (const group of ['registers', 'clauses']) {
    for (const entry of await readdir(join(root, group), { withFileTypes: true })) {
      if (entry.isDirectory()) rooms.push(`${group}/${entry.name}`);
    }
  }
  const found: string[] = [];
  for (const room of rooms) {
    const names: string[] = await readdir(join(root, room)).catch(() => []);
    if (languages.every((language) => names.includes(`words.${language}.json`))) found.push(room);
  }
  return found;
}

function flatten(tree: unknown, prefix = ''): [string, string][] {
  if (typeof tree === 'string') return [[prefix, tree]];
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    flatten(value, prefix ? `${prefix}.${key}` : key),
  );
}
