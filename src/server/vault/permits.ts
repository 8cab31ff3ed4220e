import type { Readable } from '../../clauses/customer-data/facts.reading.ts';
import { caseAllows } from '../../clauses/customer-data/store.allows.ts';
import { readUnderCase } from '../../clauses/customer-data/store.reading.ts';
import { personOf } from '../../kernel/actor.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { execute } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import { standingOf } from '../../registers/vault/store.keys.ts';
import { DoorClosed } from './closed.ts';
import { counterOf } from './counting.ts';
import type { Because, DoorRefusal } from './door.ts';

/** What of a customer is about to be seen. */
export interface Sight {
  readonly what: Readable;
  readonly collection: string;
  /** Object or record; null for a listing. */
  readonly itemId: string | null;
  readonly changedAt: Instant | null;
  readonly count: number;
}

/** Says for every reading whether it may be, and writes it down before it is. */
export interface Permits {
  /** Settles once the reading stands where it has to. @throws DoorClosed */
  read(sight: Sight): Promise<void>;
  /**
   * The key is used without showing anything of the customer: looking up, writing.
   *
   * @param times how often, for what Kept does by itself over many things
   * @throws DoorClosed
   */
  use(times?: number): Promise<void>;
  /** Asked again and again while bytes flow. @throws DoorClosed where they must not any more */
  still(sight: Sight): Promise<void>;
}

/** @param sure settles once what the permits go by is known to hold; rejected where it does not */
export function permitsOf(
  world: World,
  customerId: string,
  because: Because,
  sure?: Promise<void>,
): Permits {
  const count = (times = 1, at = world.now()): Promise<void> => {
    const counted = counterOf(world).count({ customerId, ...whoOf(because) }, times, at);
    const both = sure ? Promise.all([counted, sure]).then(() => undefined) : counted;
    // Whoever counts goes on meanwhile, and may fail of something else before they hear of this.
    both.catch(() => undefined);
    return both;
  };
  // A request of a product is one unwrapping, however many things it touches.
  let once: Promise<void> | null = null;
  const use = (times?: number): Promise<void> => {
    if (because.by === 'case') throw new DoorClosed('readOnly');
    if (because.by !== 'service') return count(times);
    once ??= count();
    return once;
  };
  return {
    use,
    async read(sight) {
      if (because.by !== 'case') return use();
      // Counted at the moment at which it was allowed: the case may end before the count is written.
      await count(1, await readAsPerson(world, customerId, because, sight));
    },
    async still(sight) {
      const standing = await standingOf(world.database.db, customerId);
      if (!standing || standing.keys.length === 0) throw new DoorClosed('accountErased');
      if (because.by === 'case') await askAgain(world, customerId, because, sight);
    },
  };
}

type UnderCase = Extract<Because, { readonly by: 'case' }>;

/** @returns when the case allowed it */
async function readAsPerson(
  world: World,
  customerId: string,
  { caseId, actor, copy }: UnderCase,
  { what, collection, itemId, changedAt, count }: Sight,
): Promise<Instant> {
  const done = await execute(
    world,
    readUnderCase,
    {
      caseId,
      customerId,
      what,
      collection,
      itemId,
      changedAt: changedAt && instantText(changedAt),
      count,
      copy: copy ?? false,
    },
    actor,
  );
  if (!done.ok) throw refused(done.refusal);
  const [read] = done.value;
  invariant(read, 'a read that is allowed is an entry');
  return read.readAt;
}

async function askAgain(
  world: World,
  customerId: string,
  { caseId, actor }: UnderCase,
  { collection, itemId, changedAt }: Sight,
): Promise<void> {
  const personId = personOf(actor);
  if (!personId) throw new DoorClosed('caseNotYours');
  const question = { caseId, customerId, personId, collection, objectId: itemId, changedAt };
  const allowed = await caseAllows(world.database.db, { ...question, now: world.now() });
  if (!allowed.ok) throw refused(allowed.refusal);
}

/** `notAllowed` and the like are answers of the one write path to anybody. */
function refused({
  code,
  params,
  guard,
}: {
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
  readonly guard?: string;
}): DoorClosed {
  return new DoorClosed(code as DoorRefusal, params, guard);
}

function whoOf(because: Because) {
  switch (because.by) {
    case 'service':
      return {
        kind: 'service' as const,
        byId: because.tokenId,
        personId: null,
        purpose: because.purpose,
      };
    case 'case':
      return {
        kind: 'case' as const,
        byId: because.caseId,
        personId: personOf(because.actor),
        purpose: because.purpose,
      };
    case 'customer':
      return {
        kind: 'customer' as const,
        byId: because.contactId,
        personId: null,
        purpose: because.purpose,
      };
    case 'system':
      return { kind: 'system' as const, byId: because.what, personId: null, purpose: because.what };
  }
}
