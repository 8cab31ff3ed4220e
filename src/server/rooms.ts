import type { Clause, Register, Upholder } from '../policy/clause.ts';
import type { Routes } from '../policy/route.ts';

/** Every register and clause of this installation, and what follows from their declarations. */
export interface Rooms {
  readonly registers: readonly Register[];
  readonly clauses: readonly Clause[];
  /** What upholds promises without belonging to a clause: Kept itself, as a system among others. */
  readonly upholders?: readonly Upholder[];
}

export function upholdersOf(rooms: Rooms): readonly Upholder[] {
  return [...rooms.clauses.flatMap((clause) => clause.upholders), ...(rooms.upholders ?? [])];
}

/** The promise an upholder stands for. */
export function promiseOf(upholder: Upholder): string {
  switch (upholder.by) {
    case 'check':
      return upholder.check.promise;
    case 'duty':
      return upholder.duty.promise;
    case 'guard':
      return upholder.guard.promise;
  }
}

/** Every promise that a clause's folder declares, with its clause, in the order of the policy. */
export function declaredPromises(
  rooms: Rooms,
): readonly { readonly id: string; readonly clause: string }[] {
  return rooms.clauses.flatMap((clause) =>
    Object.keys(clause.promises).map((id) => ({ id, clause: clause.id })),
  );
}

/** All routes by operation name; a name taken twice is a bug found at start. */
export function routesOf(rooms: Rooms, own: readonly Routes[] = []): Routes {
  const all: Record<string, Routes[string]> = {};
  const parts = [...rooms.registers, ...rooms.clauses].map((room) => room.routes ?? {});
  for (const [name, route] of [...parts, ...own].flatMap((routes) => Object.entries(routes))) {
    if (all[name]) throw new Error(`two routes are named ${name}`);
    all[name] = route;
  }
  return all;
}
