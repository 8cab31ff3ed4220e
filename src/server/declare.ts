import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { officeFlow } from '../clauses/publication/flows.ts';
import { type Actor, actorText } from '../kernel/actor.ts';
import { invariant } from '../kernel/invariant.ts';
import { languages } from '../kernel/language.ts';
import { executeAs } from '../platform/execute.ts';
import type { World } from '../platform/world.ts';
import { promiseOf, type Rooms, upholdersOf } from './rooms.ts';

const actor: Actor = { kind: 'system', id: 'start' };

/**
 * Tells the publication what this version of Kept ships and upholds: the default texts in the order
 * of the policy, and what stands behind each promise. Recorded only where it differs from the last.
 */
export async function declareShipped(world: World, rooms: Rooms, sources: string): Promise<void> {
  const texts = [];
  for (const clause of rooms.clauses) {
    for (const language of languages) {
      const markdown = await readFile(
        join(sources, 'clauses', clause.id, `policy.${language}.md`),
        'utf8',
      );
      texts.push({ clause: clause.id, language, markdown });
    }
  }
  const upholders = upholdersOf(rooms).map((upholder) => ({
    promise: promiseOf(upholder),
    upholder: `${upholder.by} ${nameOf(upholder)}`,
    kind: upholder.by,
  }));
  const declared = await executeAs(world, actor)(officeFlow, { do: 'declare', texts, upholders });
  invariant(declared.ok, `${actorText(actor)} may declare what ships`);
}

function nameOf(upholder: ReturnType<typeof upholdersOf>[number]): string {
  switch (upholder.by) {
    case 'check':
      return upholder.check.id;
    case 'duty':
      return upholder.duty.kind;
    case 'guard':
      return upholder.guard.id;
  }
}
