import { publishFirstPolicy } from '../clauses/publication/first.ts';
import { invariant } from '../kernel/invariant.ts';
import { executeAs } from '../platform/execute.ts';
import { appendEvents } from '../platform/ledger/append.ts';
import { insertOrganisation } from '../platform/organisation.ts';
import type { World } from '../platform/world.ts';
import { beginRooms } from '../server/begin.ts';
import { rooms, sources } from '../server/composition.ts';
import { tick } from '../server/tick.ts';
import type { Company } from './company.ts';

const organisation = {
  name: 'Example Engineering',
  zone: 'Asia/Tokyo',
  languages: ['en', 'ja'],
  domain: 'example.com',
} as const;

/** The first day of the sample company: organisation, people, systems, first policy in force. */
export async function foundCompany(world: World, company: Company): Promise<void> {
  await world.database.db.transaction().execute(async (tx) => {
    const id = world.newId();
    await insertOrganisation(tx, { id, ...organisation }, world.now());
    const founded = {
      type: 'OrganisationFounded',
      subject: `organisation/${id}`,
      body: organisation,
    };
    await appendEvents(world, tx, 'identity', [founded], {
      actor: { kind: 'system', id: 'setup' },
      now: world.now(),
    });
  });
  world.forgetOrganisation();
  await company.begin();
  await beginRooms(world, rooms, sources);
  const published = await publishFirstPolicy(
    { asSystem: executeAs(world, { kind: 'system', id: 'setup' }), asApprover: company.officer },
    {
      languages: ['en', 'ja'],
      name: { en: organisation.name, ja: '株式会社見本エンジニアリング' },
      contactEmail: 'security@example.com',
    },
  );
  invariant(
    published.ok,
    `the first policy is published: ${published.ok ? '' : published.refusal.code}`,
  );
  await tick(world, rooms);
}
