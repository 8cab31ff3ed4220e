import type { RawBuilder } from 'kysely';
import type { Role } from '../kernel/actor.ts';
import type { Db } from '../kernel/db.ts';
import type { PersonId } from '../kernel/id.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Execute } from './flow.ts';

/**
 * What a clause's actors are given in one step of the simulator: a working day of some person, read
 * from the database as everybody else would read it, acted on through the real commands.
 */
export interface SimulationRoom {
  readonly db: Db;
  readonly now: Instant;
  readonly zone: string;
  /** Executes commands as a person, with the roles that the person has in the company. */
  as(person: PersonId, ...roles: Role[]): Execute;
  /** Executes commands as Kept itself. */
  readonly asSystem: Execute;
  /** From 0 to below 1, repeatable by the seed. */
  random(): number;
  /** True about once in `n` times. */
  oneIn(n: number): boolean;
}

/**
 * How people and the world behave in a clause, and what must hold whatever they do. Invariants are
 * queries that return what is wrong; empty is right.
 */
export interface ClauseSimulation {
  readonly name: string;
  /** A step of the company's life: about one working day. Whatever people do here they may also not do. */
  step(room: SimulationRoom): Promise<void>;
  readonly invariants: Readonly<
    Record<string, (now: Instant, zone: string) => RawBuilder<{ problem: string }>>
  >;
}
