import type { Chance } from './chance.ts';

/** A system of the sample company as its register says. */
export interface SampleSystem {
  readonly key: string;
  readonly name: string;
  readonly classification: 'internal' | 'confidential' | 'restricted';
  /** What there is to hold; the first is everybody's, the last is privileged. */
  readonly entitlements: readonly string[];
  /** Departments whose people have accounts; empty for all. */
  readonly departments: readonly string[];
}

export const sampleSystems: readonly SampleSystem[] = [
  {
    key: 'entra',
    name: 'Microsoft Entra ID',
    classification: 'restricted',
    entitlements: ['member', 'groups', 'global-administrator'],
    departments: [],
  },
  {
    key: 'aws',
    name: 'Amazon Web Services',
    classification: 'restricted',
    entitlements: ['read-only', 'developer', 'operator', 'administrator'],
    departments: ['Engineering', 'Security'],
  },
  {
    key: 'github',
    name: 'GitHub',
    classification: 'confidential',
    entitlements: ['member', 'maintainer', 'owner'],
    departments: ['Engineering', 'Security'],
  },
  {
    key: 'helpdesk',
    name: 'Support desk',
    classification: 'confidential',
    entitlements: ['agent', 'supervisor', 'administrator'],
    departments: ['Support', 'Commercial'],
  },
  {
    key: 'crm',
    name: 'Customer register',
    classification: 'confidential',
    entitlements: ['reader', 'editor', 'administrator'],
    departments: ['Commercial', 'Support'],
  },
  {
    key: 'finance',
    name: 'Accounting',
    classification: 'confidential',
    entitlements: ['reader', 'bookkeeper', 'approver'],
    departments: ['Finance', 'Commercial'],
  },
];

/**
 * What access really exists, outside of Kept: the world that connectors read and that owners
 * change. Kept learns of it by reads alone.
 */
export class Reality {
  /** System key → account → entitlements. */
  readonly #held = new Map<string, Map<string, Set<string>>>();
  readonly #pinned = new Set<string>();

  /** Gives a person of a department what people there usually have. */
  admit(account: string, department: string, chance: Chance): void {
    for (const system of sampleSystems) {
      if (system.departments.length > 0 && !system.departments.includes(department)) continue;
      const [first = 'member', ...more] = system.entitlements;
      this.give(system.key, account, first);
      for (const entitlement of more)
        if (chance.oneIn(more.length * 2)) this.give(system.key, account, entitlement);
    }
  }

  give(system: string, account: string, entitlement: string): void {
    const accounts = this.#held.get(system) ?? new Map<string, Set<string>>();
    this.#held.set(system, accounts);
    accounts.set(account, (accounts.get(account) ?? new Set()).add(entitlement));
  }

  /** Something that stays, whoever says that they took it away. */
  pin(system: string, account: string, entitlement: string): void {
    this.give(system, account, entitlement);
    this.#pinned.add(`${system} ${account} ${entitlement}`);
  }

  take(system: string, account: string, entitlement: string): void {
    if (this.#pinned.has(`${system} ${account} ${entitlement}`)) return;
    const held = this.#held.get(system)?.get(account);
    held?.delete(entitlement);
    if (held?.size === 0) this.#held.get(system)?.delete(account);
  }

  /** Everything an account has on a system goes; on all systems where none is named. */
  dismiss(account: string, system?: string): void {
    for (const key of system ? [system] : this.#held.keys()) this.#held.get(key)?.delete(account);
  }

  /** What a complete and truthful reading of a system would show. */
  pairsOf(system: string): readonly (readonly [account: string, entitlement: string])[] {
    const accounts = [...(this.#held.get(system) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return accounts.flatMap(([account, held]) =>
      [...held].sort().map((entitlement) => [account, entitlement] as const),
    );
  }
}
