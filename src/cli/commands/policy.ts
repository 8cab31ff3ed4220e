import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { languages } from '../../kernel/language.ts';
import { CliFault, type Exit, exit } from '../exit.ts';
import { ask, findServer, type Server } from '../server.ts';
import { answer, type Terminal } from '../terminal.ts';

interface ClauseText {
  readonly clause: string;
  readonly language: string;
  readonly markdown: string;
}

/**
 * Begins a draft of the policy from a folder: `<clause>/policy.<language>.md` for each clause. The
 * order is that of the folders' numbers (`01-access`), or of the version in force with new clauses
 * after it. The draft still has to be proposed, and approved by a second person.
 */
export async function importPolicy(terminal: Terminal, folder: string): Promise<Exit> {
  const server = await findServer(terminal);
  const texts = await readTexts(resolve(terminal.folder, folder), await clausesInForce(server));
  const draft = await ask<{ id: string }>(server, '/api/v1/policy/drafts/import', {
    method: 'POST',
    body: { texts },
  });
  const clauses = new Set(texts.map(({ clause }) => clause)).size;
  const line = `Began a draft of ${clauses} clauses in ${texts.length} texts: ${server.url}/console/policy/versions/${draft.id}`;
  const done = { server: server.url, ...draft, clauses, texts: texts.length };
  answer(terminal, done, `${line}\n`);
  return exit.ok;
}

async function clausesInForce(server: Server): Promise<readonly string[]> {
  const promises = await ask<readonly { clause: string }[]>(server, '/api/v1/promises');
  return [...new Set(promises.map(({ clause }) => clause))];
}

async function readTexts(
  folder: string,
  inForce: readonly string[],
): Promise<readonly ClauseText[]> {
  const names = await foldersOf(folder);
  const place = (clause: string): number =>
    inForce.includes(clause) ? inForce.indexOf(clause) : inForce.length;
  const numbered = names.every((name) => /^\d+-/.test(name));
  const ordered = names.toSorted(
    (a, b) => (numbered ? 0 : place(a) - place(b)) || (a < b ? -1 : 1),
  );
  const texts: ClauseText[] = [];
  for (const name of ordered) {
    for (const language of languages) {
      const markdown = await readFile(join(folder, name, `policy.${language}.md`), 'utf8').catch(
        () => null,
      );
      if (markdown !== null) texts.push({ clause: name.replace(/^\d+-/, ''), language, markdown });
    }
  }
  if (texts.length === 0) {
    throw new CliFault(
      exit.usage,
      `${folder} holds no policy: a folder for each clause with policy.en.md or policy.ja.md is expected`,
    );
  }
  return texts;
}

async function foldersOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new CliFault(
        exit.usage,
        `${folder} cannot be read: ${cause.code ?? cause.message}`,
        cause,
      );
    },
  );
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
