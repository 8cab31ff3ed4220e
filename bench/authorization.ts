import type { Actor, Role } from '../src/kernel/actor.ts';
import { createAuthorizer } from '../src/platform/authorization/authorizer.ts';
import { readPermissions } from '../src/platform/authorization/permissions.ts';
import { sources } from '../src/server/composition.ts';
import { type Figure, within } from './figure.ts';
import { median } from './rounds.ts';

const decisions = 40_000;
/** Before the engine's code is compiled the first few are slower than any that follow. */
const warming = 4_000;
const peopleInAll = 997;

const held: readonly (readonly Role[])[] = [
  ['employee'],
  ['engineer', 'employee'],
  ['people', 'employee'],
  ['auditor'],
  ['security-officer', 'employee'],
];

/**
 * Decisions of the whole permissions of Kept, of every action in turn, about things that name people: those are
 * never remembered, every one is put to Cedar with a thing, a person and attributes that differ.
 */
export const authorization: Figure = {
  name: 'authorization',
  async measure(ground) {
    const authorizer = createAuthorizer(await readPermissions(sources));
    const microseconds: number[] = [];
    const said = { yes: 0, no: 0 };
    for (let n = 0; n < warming + decisions; n++) {
      const action = authorizer.actions[n % authorizer.actions.length] as string;
      const actor = actorOf(n);
      const resource = thingOf(n);
      const began = performance.now();
      const allowed = authorizer.allows(actor, { action, resource });
      const took = (performance.now() - began) * 1000;
      if (n < warming) continue;
      microseconds.push(took);
      said[allowed ? 'yes' : 'no']++;
    }
    if (said.yes === 0 || said.no === 0) throw new Error('every decision came out the same');
    const sorted = microseconds.toSorted((a, b) => a - b);
    const p99 = sorted[Math.floor(sorted.length * 0.99)] as number;
    ground.say(
      `  ${authorizer.actions.length} actions, ${said.yes} allowed, ${said.no} not; p99 ${p99.toFixed(0)} µs`,
    );
    return [
      within(80, {
        name: 'authorization',
        says: `one authorization decision that is not remembered, over ${authorizer.actions.length} actions, p50`,
        value: median(microseconds),
        unit: 'µs',
      }),
    ];
  },
};

function idOf(n: number): string {
  return `01990000-0000-7000-8000-${String(n % peopleInAll).padStart(12, '0')}`;
}

function actorOf(n: number): Actor {
  const roles = held[n % held.length] as readonly Role[];
  return { kind: 'person', id: idOf(n), roles, secondFactor: true, language: 'en' };
}

/** A thing with somebody who owns it, asked for it and wrote it; now and then the one who acts. */
function thingOf(n: number) {
  return {
    kind: 'thing',
    id: idOf(n * 7 + 1),
    attributes: {
      owner: idOf(n * 3),
      requester: idOf(n % 11 === 0 ? n : n + 1),
      author: idOf(n + 5),
    },
  };
}
