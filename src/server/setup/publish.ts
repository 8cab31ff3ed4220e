import { publishFirstPolicy } from '../../clauses/publication/first.ts';
import { personOf } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import { type Refusal, type Result, refuse } from '../../kernel/result.ts';
import { executeAs } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import type { Request } from '../../policy/route.ts';
import { beginRooms } from '../begin.ts';
import { rooms, sources } from '../composition.ts';

/** RFC 9116, section 2.5.5: less than a year. */
const securityTxtDays = 360;

/**
 * The last step of setting up: what ships is declared, Kept itself drafts and proposes it, and the
 * administrator, who had no hand in the text, approves.
 */
export async function publishFirst(
  world: World,
  request: Request,
): Promise<Result<unknown, Refusal>> {
  const organisation = await world.organisation();
  if (!organisation || !request.actor || !personOf(request.actor)) return refuse('notAllowed');
  await beginRooms(world, rooms, sources);
  const { name, languages, domain, zone } = organisation;
  return publishFirstPolicy(
    { asSystem: executeAs(world, { kind: 'system', id: 'setup' }), asApprover: request.execute },
    {
      languages,
      name: { en: name, ja: name },
      contactEmail: `security@${domain}`,
      securityTxtUntil: dateIn(world.now(), zone).add({ days: securityTxtDays }),
    },
  );
}
