/** An object as Graph shows it. */
export type FakeObject = Readonly<Record<string, unknown>>;

interface Holder {
  readonly id: string;
  readonly object: FakeObject;
  readonly members: Map<string, number>;
  /** Members that were taken away, with the version at which. */
  readonly removed: Map<string, number>;
  version: number;
  /** When its own properties changed last. */
  own: number;
  gone: boolean;
}

interface FakeUser {
  object: FakeObject;
  version: number;
  gone: boolean;
  mfa: boolean;
  signedInAt: string | null;
  sessionsEnded: number;
}

/** The tenant behind the fake: users, groups, roles, and at which version each of them changed. */
export class Directory {
  version = 1;
  policies: readonly FakeObject[] = [];
  securityDefaults: FakeObject = { id: '00000000-0000-0000-0000-000000000005', isEnabled: false };
  domains: readonly FakeObject[] = [
    {
      id: 'example.com',
      isVerified: true,
      authenticationType: 'Managed',
      passwordValidityPeriodInDays: 2147483647,
    },
  ];
  readonly #users = new Map<string, FakeUser>();
  readonly #holders = {
    groups: new Map<string, Holder>(),
    directoryRoles: new Map<string, Holder>(),
  };

  /** Adds a user, or changes one. */
  putUser(
    id: string,
    user: {
      upn: string;
      enabled?: boolean;
      mfa?: boolean;
      signedInAt?: string | null;
      passwordPolicies?: string | null;
    },
  ): void {
    const { upn, enabled = true, mfa = true, signedInAt = null, passwordPolicies = null } = user;
    const object = {
      id,
      userPrincipalName: upn,
      mail: upn,
      accountEnabled: enabled,
      passwordPolicies,
    };
    const sessionsEnded = this.#users.get(id)?.sessionsEnded ?? 0;
    this.#users.set(id, {
      object,
      version: ++this.version,
      gone: false,
      mfa,
      signedInAt,
      sessionsEnded,
    });
  }

  deleteUser(id: string): void {
    const user = this.#users.get(id);
    if (user) Object.assign(user, { gone: true, version: ++this.version });
    for (const holder of this.#everyHolder()) this.#take(holder, id);
  }

  putGroup(id: string, displayName: string, more: FakeObject = {}): void {
    this.#put(this.#holders.groups, id, { id, displayName, ...more });
  }

  putRole(id: string, displayName: string, roleTemplateId: string): void {
    this.#put(this.#holders.directoryRoles, id, { id, displayName, roleTemplateId });
  }

  #put(holders: Map<string, Holder>, id: string, object: FakeObject): void {
    const version = ++this.version;
    const before = holders.get(id);
    const [members, removed] = [before?.members ?? new Map(), before?.removed ?? new Map()];
    holders.set(id, { id, object, members, removed, version, own: version, gone: false });
  }

  deleteGroup(id: string): void {
    const group = this.#holders.groups.get(id);
    if (group) Object.assign(group, { gone: true, version: ++this.version });
  }

  add(holder: string, user: string): void {
    const found = this.#holder(holder);
    if (!found) throw new Error(`no group or role ${holder}`);
    found.members.set(user, ++this.version);
    found.removed.delete(user);
    found.version = this.version;
  }

  /** @returns whether the membership was there */
  remove(holder: string, user: string): boolean {
    const found = this.#holder(holder);
    return found ? this.#take(found, user) : false;
  }

  #take(holder: Holder, user: string): boolean {
    if (!holder.members.delete(user)) return false;
    holder.removed.set(user, ++this.version);
    holder.version = this.version;
    return true;
  }

  #holder(id: string): Holder | undefined {
    return this.#holders.groups.get(id) ?? this.#holders.directoryRoles.get(id);
  }

  #everyHolder(): Holder[] {
    return [...this.#holders.groups.values(), ...this.#holders.directoryRoles.values()];
  }

  change(id: string, properties: FakeObject): boolean {
    const user = this.#present(id);
    if (!user) return false;
    user.object = { ...user.object, ...properties };
    user.version = ++this.version;
    return true;
  }

  endSessions(id: string): boolean {
    const user = this.#present(id);
    if (user) user.sessionsEnded += 1;
    return user !== undefined;
  }

  sessionsEndedOf(id: string): number {
    return this.#users.get(id)?.sessionsEnded ?? 0;
  }

  #present(id: string): FakeUser | undefined {
    const user = this.#users.get(id);
    return user?.gone ? undefined : user;
  }

  users(): readonly FakeObject[] {
    return [...this.#users.values()].filter(({ gone }) => !gone).map(({ object }) => object);
  }

  usersNamed(upn: string): readonly FakeObject[] {
    return this.users().filter(({ userPrincipalName }) => userPrincipalName === upn);
  }

  /** All of `signInActivity`, as Graph shows it whatever of it is wanted. */
  signInOf({ id }: FakeObject): FakeObject {
    const signedInAt = this.#users.get(String(id))?.signedInAt ?? null;
    const request = `c0${String(id)}`.slice(0, 36);
    return {
      id,
      ...(signedInAt
        ? {
            signInActivity: {
              lastSignInDateTime: signedInAt,
              lastSignInRequestId: request,
              lastNonInteractiveSignInDateTime: signedInAt,
              lastNonInteractiveSignInRequestId: request,
              lastSuccessfulSignInDateTime: signedInAt,
              lastSuccessfulSignInRequestId: request,
            },
          }
        : {}),
    };
  }

  groupsNamed(name: string | undefined): readonly FakeObject[] {
    const groups = [...this.#holders.groups.values()].filter(({ gone }) => !gone);
    return groups
      .map(({ object }) => object)
      .filter(({ displayName }) => name === undefined || displayName === name);
  }

  roles(): readonly FakeObject[] {
    return [...this.#holders.directoryRoles.values()].map(({ object }) => object);
  }

  registrations(): readonly FakeObject[] {
    return [...this.#users.values()]
      .filter(({ gone }) => !gone)
      .map(({ object, mfa }) => registrationOf(object, mfa));
  }

  /** What changed since a version, members of one object in pieces of a page at most. */
  changed(
    kind: 'users' | 'groups' | 'directoryRoles',
    since: number,
    pageSize: number,
  ): readonly FakeObject[] {
    if (kind === 'users') {
      return [...this.#users.values()]
        .filter(({ version, gone }) => version > since && !(gone && since === 0))
        .map(({ object, gone }) =>
          gone ? { id: object['id'], '@removed': { reason: 'changed' } } : object,
        );
    }
    return [...this.#holders[kind].values()]
      .filter(({ version, gone }) => version > since && !(gone && since === 0))
      .flatMap((holder) => piecesOf(holder, since, pageSize));
  }
}

/** The whole `userRegistrationDetails` of a user: the report knows no selection. */
function registrationOf({ id, userPrincipalName }: FakeObject, mfa: boolean): FakeObject {
  return {
    id,
    userPrincipalName,
    userDisplayName: userPrincipalName,
    userType: 'member',
    isAdmin: false,
    isSsprRegistered: mfa,
    isSsprEnabled: true,
    isSsprCapable: mfa,
    isMfaRegistered: mfa,
    isMfaCapable: mfa,
    isPasswordlessCapable: false,
    methodsRegistered: mfa ? ['microsoftAuthenticatorPush', 'softwareOneTimePasscode'] : [],
    isSystemPreferredAuthenticationMethodEnabled: true,
    systemPreferredAuthenticationMethods: mfa ? ['PhoneAppNotification'] : [],
    userPreferredMethodForSecondaryAuthentication: mfa ? 'push' : 'none',
    lastUpdatedDateTime: '2026-01-03T06:00:00Z',
  };
}

function piecesOf(
  { id, object, members, removed, gone }: Holder,
  since: number,
  pageSize: number,
): FakeObject[] {
  if (gone) return [{ id, '@removed': { reason: 'deleted' } }];
  const type = '#microsoft.graph.user';
  const changes: FakeObject[] = [];
  for (const [user, version] of members)
    if (version > since) changes.push({ '@odata.type': type, id: user });
  for (const [user, version] of removed)
    if (version > since && since > 0)
      changes.push({ '@odata.type': type, id: user, '@removed': { reason: 'deleted' } });
  if (changes.length === 0) return [object];
  const pieces: FakeObject[] = [];
  for (let from = 0; from < changes.length; from += pageSize)
    pieces.push({ ...object, 'members@delta': changes.slice(from, from + pageSize) });
  return pieces;
}
