import { sql } from 'kysely';
import type { Actor, Role } from '../kernel/actor.ts';
import { dateIn } from '../kernel/instant.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Result } from '../kernel/result.ts';
import { executeAs } from '../platform/execute.ts';
import type { World } from '../platform/world.ts';
import type { Event } from '../policy/event.ts';
import type { Execute } from '../policy/flow.ts';
import { readFlow } from '../registers/accounts/store.reads.ts';
import { personFlow } from '../registers/people/store.ts';
import { systemFlow } from '../registers/systems/store.ts';
import type { Chance } from './chance.ts';
import { samplePerson } from './people.ts';
import { Reality, sampleSystems } from './reality.ts';

/** How well the world treats the company. */
export interface Temper {
  /** People at the beginning. */
  readonly people: number;
  /** One read in so many fails; 0 for never. */
  readonly readsFail: number;
  /** One read in so many shows only a part, and says so. */
  readonly readsPartial: number;
  /** One carried out order in so many was not carried out in truth. */
  readonly ordersLie: number;
  /** Working days between two hirings, and two departures, on average. */
  readonly hireEvery: number;
  readonly leaveEvery: number;
  /** Systems that a connector reads on a day on which people act, in turn. */
  readonly readsADay: number;
}

interface Employee {
  readonly id: string;
  readonly email: string;
  readonly department: string;
  readonly roles: readonly Role[];
  leaving: Temporal.PlainDate | null;
}

/** Hours after which a system that was not read proves nothing. */
const staleAfterHours = 21 * 24;

/**
 * The sample company: people who join and leave, systems outside of Kept, connectors that read
 * them, more or less well. Whatever it does in Kept it does through the real commands.
 */
export class Company {
  readonly world: World;
  readonly reality = new Reality();
  readonly #chance: Chance;
  readonly #temper: Temper;
  readonly #staff: Employee[] = [];
  /** Systems that a connection reads. */
  readonly #connected = new Set<string>();
  #hired = 0;
  #reads = 0;

  constructor(world: World, chance: Chance, temper: Temper) {
    this.world = world;
    this.#chance = chance;
    this.#temper = temper;
  }

  get staff(): readonly Employee[] {
    return this.#staff;
  }

  /** Executes commands as a person of the company. */
  as(id: string, ...roles: Role[]): Execute {
    return executeAs(this.world, personActor(id, roles));
  }

  get officer(): Execute {
    const officer = this.#staff.find(
      ({ roles, leaving }) => roles.includes('security-officer') && !leaving,
    );
    invariant(officer, 'the company has a security officer');
    return this.as(officer.id, 'security-officer', 'employee');
  }

  /** The first day: the founder, the people, the systems and a first reading of each. */
  async begin(): Promise<void> {
    for (let n = 0; n < this.#temper.people; n++) await this.hire();
    for (const [n, system] of sampleSystems.entries()) {
      const owner = this.#staff[(n * 3 + 3) % this.#staff.length] ?? this.#staff[0];
      done(
        await this.officer(systemFlow, {
          do: 'registerSystem',
          system: {
            key: system.key,
            name: system.name,
            classification: system.classification,
            ownerId: owner?.id ?? null,
            confidentiality: system.classification === 'restricted' ? 3 : 2,
            integrity: 2,
            availability: 2,
            singleSignOn: true,
            secondFactor: true,
            staleAfterHours,
          },
        }),
      );
      await this.readSystem(system.key, true);
    }
  }

  /** Someone begins today, with what people of the department usually need. */
  async hire(): Promise<void> {
    const person = samplePerson(this.#hired);
    const execute = executeAs(this.world, { kind: 'system', id: 'simulator' });
    const now = this.world.now();
    const zone = (await this.world.organisation())?.zone ?? 'UTC';
    const events = done(
      await execute(personFlow, {
        do: 'registerPerson',
        person: {
          ...person,
          managerId: this.#managerFor(person.department),
          startsOn: dateIn(now, zone).toString(),
          // A role comes once the undertakings are signed; the founders are there before them.
          roles: this.#hired < this.#temper.people ? [...person.roles] : ['employee'],
        },
      }),
    );
    const id = idOf(events, 'PersonRegistered');
    this.#hired += 1;
    this.#staff.push({
      id,
      email: person.email,
      department: person.department,
      roles: person.roles,
      leaving: null,
    });
    this.reality.admit(person.email, person.department, this.#chance);
  }

  #managerFor(department: string): string | null {
    const lead = this.#staff.find((each) => each.department === department && !each.leaving);
    return (lead ?? this.#staff[0])?.id ?? null;
  }

  /** A working day of the company, apart from what each clause's people do. */
  async live(today: Temporal.PlainDate): Promise<void> {
    const { hireEvery, leaveEvery, readsADay } = this.#temper;
    if (this.#chance.oneIn(hireEvery)) await this.hire();
    if (this.#chance.oneIn(leaveEvery)) await this.giveNotice(today);
    await this.#clearAfterLeavers(today);
    await this.#carryOutOrders();
    await this.#giveGranted();
    for (let n = 0; n < readsADay; n++) {
      const system = sampleSystems[this.#reads++ % sampleSystems.length];
      if (system && !this.#connected.has(system.key)) await this.readSystem(system.key, false);
    }
  }

  /** Somebody gives notice; nobody whose office cannot stay empty. */
  async giveNotice(
    today: Temporal.PlainDate,
    days = () => 1 + this.#chance.below(20),
  ): Promise<void> {
    const free = this.#staff.filter((each, n) => n >= 6 && !each.leaving);
    if (free.length === 0) return;
    const leaver = this.#chance.pick(free);
    leaver.leaving = today.add({ days: days() });
    const execute = executeAs(this.world, { kind: 'system', id: 'simulator' });
    done(
      await execute(personFlow, {
        do: 'endEmployment',
        id: leaver.id,
        endsOn: leaver.leaving.toString(),
      }),
    );
  }

  /** On the last day accounts are closed; now and then one is forgotten for a while. */
  async #clearAfterLeavers(today: Temporal.PlainDate): Promise<void> {
    for (const { email, leaving } of this.#staff) {
      if (!leaving || Temporal.PlainDate.compare(today, leaving) < 0) continue;
      for (const system of sampleSystems)
        if (!this.#chance.oneIn(12)) this.reality.dismiss(email, system.key);
    }
  }

  /** Owners do in the systems what they said they did, mostly. */
  async #carryOutOrders(): Promise<void> {
    const { rows } = await sql<{ system: string; account: string; entitlement: string }>`
      select s.key as system, a.name as account, e.name as entitlement
      from revoke_order o join system s on s.id = o.system_id
        join account a on a.id = o.account_id join entitlement e on e.id = o.entitlement_id
      where o.carried_out_at is not null and o.proven_at is null
      order by 1, 2, 3`.execute(this.world.database.db);
    for (const { system, account, entitlement } of rows) {
      if (this.#temper.ordersLie > 0 && this.#chance.oneIn(this.#temper.ordersLie)) continue;
      this.reality.take(system, account, entitlement);
    }
  }

  /** What was approved on request lately, owners give in the systems. */
  async #giveGranted(): Promise<void> {
    const { rows } = await sql<{ system: string; account: string; entitlement: string }>`
      select s.key as system, a.name as account, e.name as entitlement
      from access_grant given join system s on s.id = given.system_id
        join account a on a.id = given.account_id join entitlement e on e.id = given.entitlement_id
      where given.revoked_at is null and not given.observed
        and given.granted_at > ${this.world.now().subtract({ hours: 24 * 5 })}
      order by 1, 2, 3`.execute(this.world.database.db);
    for (const { system, account, entitlement } of rows)
      this.reality.give(system, account, entitlement);
  }

  /** From now on a connection reads the system. */
  leaveTo(system: string): void {
    this.#connected.add(system);
  }

  /** A connector reads a system: well, in part, or not at all. */
  async readSystem(key: string, surely: boolean): Promise<void> {
    const { readsFail, readsPartial } = this.#temper;
    if (!surely && readsFail > 0 && this.#chance.oneIn(readsFail)) return;
    const complete = surely || readsPartial === 0 || !this.#chance.oneIn(readsPartial);
    const all = this.reality.pairsOf(key);
    const shown = complete ? all : all.filter(() => this.#chance.oneIn(2));
    const accounts = [...new Set(shown.map(([account]) => account))];
    const entitlements = [...new Set(shown.map(([, entitlement]) => entitlement))];
    const privileged = sampleSystems.find((system) => system.key === key)?.entitlements.at(-1);
    const execute = executeAs(this.world, { kind: 'system', id: 'connector' });
    done(
      await execute(readFlow, {
        do: 'recordRead',
        system: key,
        source: `${key} connector`,
        complete,
        empty: true,
        accounts: accounts.map((name) => ({
          name,
          email: name.includes('@') ? name : null,
          kind: kindOf(name),
        })),
        entitlements: entitlements.map((name) => ({ name, privileged: name === privileged })),
        pairs: shown.flatMap(([account, entitlement]) => [
          accounts.indexOf(account),
          entitlements.indexOf(entitlement),
        ]),
      }),
    );
  }
}

function kindOf(account: string): 'staff' | 'service' {
  return account.startsWith('svc-') ? 'service' : 'staff';
}

export function personActor(id: string, roles: readonly Role[]): Actor {
  return { kind: 'person', id, roles, secondFactor: true, language: 'en' };
}

/** What must succeed: the company never asks for what it may not do. */
function done<E extends Event>(
  answer: Result<readonly E[], { readonly code: string }>,
): readonly E[] {
  invariant(answer.ok, `the company was refused: ${answer.ok ? '' : answer.refusal.code}`);
  return answer.value;
}

function idOf(events: readonly Event[], type: string): string {
  const subject = events.find((event) => event.type === type)?.subject ?? '';
  invariant(subject.includes('/'), `${type} names its subject`);
  return subject.split('/')[1] ?? '';
}
