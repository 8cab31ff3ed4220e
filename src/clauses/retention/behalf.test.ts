import { describe, expect, test } from 'vitest';
import { actorWith } from '../../platform/testing/world.ts';
import type { Context } from '../../policy/event.ts';
import type { BehalfCommand } from './facts.behalf.ts';
import { type BehalfState, type Cause, decideBehalf } from './flow.behalf.ts';

const idOf = (last: number) => `0199aaaa-0000-7000-8000-00000000000${last}`;
const cause: Cause = {
  id: idOf(1),
  number: 7,
  kind: 'delete',
  customerId: idOf(2),
  contactId: null,
  verified: true,
  verifiedBy: idOf(3),
  answered: false,
};
const state: BehalfState = {
  request: cause,
  account: 'open',
  held: false,
  taker: idOf(4),
  owners: [],
  exportUnderWay: false,
  cleared: { objects: 1, records: 0 },
};
const deleting: BehalfCommand = {
  do: 'deleteFor',
  requestId: cause.id,
  what: 'all',
  collection: null,
  itemIds: [],
};
const exporting: BehalfCommand = { do: 'exportFor', requestId: cause.id };

function decided(changes: Partial<Cause>, command = deleting, by = actorWith(idOf(5), 'support')) {
  const context = { actor: by, newId: () => idOf(6) } as unknown as Context;
  const done = decideBehalf({ ...state, request: { ...cause, ...changes } }, command, context);
  return done.ok ? done.value.map(({ type }) => type) : done.refusal.code;
}

describe('identityBeforeActing (RET-4)', () => {
  test('who asks was made sure of, by somebody else where it cannot be taken back', () => {
    expect(decided({})).toEqual(['CustomerDeletedFor']);
    expect(decided({ verified: false })).toBe('identityNotVerified');
    expect(decided({ customerId: null })).toBe('requestUnmatched');
    expect(decided({ answered: true })).toBe('requestAnswered');
    const verifier = actorWith(idOf(3), 'support');
    expect(decided({}, deleting, verifier)).toBe('ownVerification');
    // The portal made sure: anybody of us may do it.
    expect(decided({ verifiedBy: null }, deleting, verifier)).toEqual(['CustomerDeletedFor']);
    // An archive that only the customer opens is no risk of that kind.
    expect(decided({ kind: 'export' }, exporting, verifier)).toEqual(['ExportRequestedFor']);
    expect(decided({ kind: 'close' })).toBe('requestOfOtherKind');
    expect(decided({ kind: 'delete' }, exporting)).toBe('requestOfOtherKind');
  });
});
