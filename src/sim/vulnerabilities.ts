import { sql } from 'kysely';
import { askDecision, changeItems, decideDecisions } from '../clauses/vulnerabilities/flows.ts';
import {
  audit,
  done,
  importIdAt,
  packagesOf,
  publish,
  publishExploited,
  type Somebody,
  samplePackages,
  sampleVectors,
  staffWith,
  storyPackages,
} from '../clauses/vulnerabilities/sim.company.ts';
import { upgrade } from '../clauses/vulnerabilities/sim.ts';
import { dateIn } from '../kernel/instant.ts';
import { invariant } from '../kernel/invariant.ts';
import { executeAs } from '../platform/execute.ts';
import type { SimulationRoom } from '../policy/simulation.ts';
import { importFlow } from '../registers/advisories/store.ts';
import { rooms } from '../server/composition.ts';
import { work } from '../server/tick.ts';
import type { Company } from './company.ts';
import type { Chapter } from './customerlife.ts';

/** As every feed begins with. */
const usualStaleHours = 48;

/**
 * What the reader of the demo is to find about vulnerabilities, whatever else happened: one fixed late, one
 * exploited and fixed in time, one exception that ran out, one that is overdue.
 */
export const vulnerabilityChapters: readonly Chapter[] = [
  { daysBefore: 455, tell: bringByFile },
  { daysBefore: 350, tell: (company) => severalArrive(company, 0) },
  { daysBefore: 230, tell: (company) => severalArrive(company, 4) },
  { daysBefore: 160, tell: (company) => arrives(company, 'fixedLate') },
  { daysBefore: 148, tell: (company) => isFixed(company, 'fixedLate', 'web-shop') },
  { daysBefore: 130, tell: (company) => severalArrive(company, 2) },
  { daysBefore: 75, tell: acceptedFor(63) },
  { daysBefore: 40, tell: (company) => severalArrive(company, 5) },
  { daysBefore: 21, tell: isExploited },
  { daysBefore: 19, tell: (company) => isFixed(company, 'exploited', 'api-image') },
];

/** Eight days before today: something critical, which an officer takes over and does not get to. */
export async function taken(company: Company): Promise<void> {
  const room = roomIn(company);
  await arrives(company, 'overdue');
  await catalogue(company);
  const [officer] = await staffWith(room, 'security-officer');
  invariant(officer, 'there is an officer');
  const execute = room.as(officer.id, ...officer.roles);
  const id = await itemOf(room, 'overdue');
  done(await execute(changeItems, { do: 'assignBacklog', ids: [id], assigneeId: officer.id }));
  done(await execute(changeItems, { do: 'startBacklog', ids: [id] }));
}

type Story = keyof typeof storyPackages;

const told: Readonly<Record<Story, { number: number; fixed: string | null; vector: string }>> = {
  fixedLate: {
    number: 1,
    fixed: '1.1.0',
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N',
  },
  exploited: {
    number: 2,
    fixed: '1.1.0',
    vector: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N',
  },
  accepted: { number: 3, fixed: null, vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:L/A:N' },
  overdue: {
    number: 4,
    fixed: '1.1.0',
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  },
};

/** The company brings its advisories by file, about once in three weeks, and says so in the settings. */
function bringByFile(company: Company): Promise<void> {
  return setStaleAfter(company, { version: 1, hours: 31 * 24 });
}

/** This morning both files were brought anew, and from now on that is to happen every other day. */
export async function broughtToday(company: Company): Promise<void> {
  await setStaleAfter(company, { version: 2, hours: usualStaleHours });
  const room = roomIn(company);
  await publish(room, await importIdAt(room), []);
  await catalogue(company);
}

async function setStaleAfter(
  company: Company,
  { version, hours }: { readonly version: number; readonly hours: number },
): Promise<void> {
  for (const kind of ['osv', 'kev'] as const) {
    const changes = { staleAfterHours: hours };
    const changed = await company.officer(importFlow, { do: 'changeFeed', kind, version, changes });
    invariant(changed.ok, 'the officer may set a feed');
  }
}

function roomIn(company: Company): SimulationRoom {
  const { world } = company;
  return {
    db: world.database.db,
    now: world.now(),
    zone: 'Asia/Tokyo',
    as: (person, ...roles) => company.as(person, ...roles),
    asSystem: executeAs(world, { kind: 'system', id: 'simulator' }),
    random: () => 0,
    oneIn: () => false,
  };
}

async function arrives(company: Company, story: Story): Promise<void> {
  const room = roomIn(company);
  const { number, fixed, vector } = told[story];
  const name = storyPackages[story];
  const year = dateIn(room.now, room.zone).year;
  const sample = {
    id: `KEPT-SAMPLE-STORY-${number}`,
    name,
    summary: `Sample weakness of ${name}.`,
    fixed,
    vector,
    aliases: [`CVE-${year}-9900${number}`],
  };
  await publish(room, await importIdAt(room), [sample]);
  await work(company.world, rooms);
}

/** Now and then several become known at once, in packages that stand next to each other. */
async function severalArrive(company: Company, from: number): Promise<void> {
  const room = roomIn(company);
  const { rows } = await sql<{ known: number }>`
    select count(*)::int as known from advisory`.execute(room.db);
  const known = rows[0]?.known ?? 0;
  const year = dateIn(room.now, room.zone).year;
  const samples = samplePackages.slice(from, from + 4).map((name, n) => {
    const number = known + n + 1;
    const digits = String(number).padStart(4, '0');
    return {
      id: `KEPT-SAMPLE-${year}-${digits}`,
      name,
      summary: `Sample weakness of ${name}.`,
      fixed: `1.${number}.0`,
      vector: sampleVectors[number % sampleVectors.length] ?? null,
      aliases: [`CVE-${year}-9${digits}`],
    };
  });
  await publish(room, await importIdAt(room), samples);
  await work(company.world, rooms);
}

async function itemOf({ db }: SimulationRoom, story: Story): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id from backlog_item where component_name = ${storyPackages[story]}`.execute(db);
  const [item] = rows;
  invariant(item, `${story} is in the backlog`);
  return item.id;
}

async function someone(
  room: SimulationRoom,
  role: 'engineer' | 'security-officer',
): Promise<Somebody> {
  const [one] = await staffWith(room, role);
  invariant(one, `there is a person in the role ${role}`);
  return one;
}

/** The source goes to the version that clears it, and the next audit proves it. */
async function isFixed(company: Company, story: Story, key: string): Promise<void> {
  const room = roomIn(company);
  const { rows } = await sql<{ id: string }>`select id from source where key = ${key}`.execute(
    room.db,
  );
  const sourceId = rows[0]?.id ?? '';
  const packages = await packagesOf(room, sourceId);
  await upgrade(room, sourceId, packages);
  packages.set(storyPackages[story], told[story].fixed ?? '1.0.0');
  await audit(room, await someone(room, 'engineer'), sourceId, packages);
  await work(company.world, rooms);
}

/** What has no fix is accepted for so many days; it is open again once they are over. */
function acceptedFor(days: number): Chapter['tell'] {
  return async (company) => {
    await arrives(company, 'accepted');
    const room = roomIn(company);
    const engineer = await someone(room, 'engineer');
    const asked = done(
      await room.as(engineer.id, ...engineer.roles)(askDecision, {
        ids: [await itemOf(room, 'accepted')],
        kind: 'accepted',
        justification: null,
        reason: 'There is no fixed version yet; the page that uses it shows nothing of customers.',
        until: dateIn(room.now, room.zone).add({ days }).toString(),
      }),
    );
    const ids = asked.flatMap(({ decisions }) => decisions.map(({ id }) => id));
    done(await company.officer(decideDecisions, { ids, approve: true, note: '' }));
    await work(company.world, rooms);
  };
}

async function isExploited(company: Company): Promise<void> {
  await arrives(company, 'exploited');
  await catalogue(company);
}

/** The catalogue of what is known to be exploited, as it is by now. */
async function catalogue(company: Company): Promise<void> {
  const room = roomIn(company);
  const { rows } = await sql<{ cve: string; addedOn: string }>`
    select cve, min(added_on)::text as "addedOn" from (
      select cve, added_on from exploited
      union select n.name, ${dateIn(room.now, room.zone)}::date
      from backlog_item i join vulnerability_name n on n.vulnerability_id = i.vulnerability_id and n.name like 'CVE-%'
      where i.component_name = ${storyPackages.exploited}) listed
    group by cve order by cve`.execute(room.db);
  await publishExploited(room, await importIdAt(room), rows);
  await work(company.world, rooms);
}
