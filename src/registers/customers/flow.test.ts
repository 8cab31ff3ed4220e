import { describe, expect, test } from 'vitest';
import type { Context } from '../../policy/event.ts';
import type { CustomerCommand } from './facts.ts';
import { decideHold, type HoldState } from './flow.holds.ts';
import { decideProduct, type ProductState } from './flow.products.ts';
import { type CustomersState, decideCustomer } from './flow.ts';

const [officer, other, customerId, holdId, productId] = [1, 2, 3, 4, 5].map(
  (n) => `01900000-0000-7000-8000-00000000000${n}`,
) as [string, string, string, string, string];

function context(personId: string | null): Context {
  let n = 0;
  return {
    now: Temporal.Instant.from('2026-01-30T16:00:00Z'),
    zone: 'Asia/Tokyo',
    actor: personId
      ? {
          kind: 'person',
          id: personId,
          roles: ['security-officer'],
          secondFactor: true,
          language: 'en',
        }
      : { kind: 'token', id: 't', roles: ['security-officer'], person: null, scope: null },
    newId: () => `new-${n++}`,
  };
}

const account = {
  id: customerId,
  key: 'sample-01',
  name: 'Sample Customer 01',
  reading: null,
  productId,
  basis: 'terms',
  basisReference: '2026-1',
  approvesCases: false,
  told: 'atEnd',
  termMonths: null,
  language: 'en',
} as const;

const nothing: CustomersState = {
  customer: null,
  contacts: [],
  keyTaken: false,
  product: { retired: false },
  everyCustomer: [],
  closedKeys: new Set(),
  products: new Map([['scheduler', productId]]),
  addresses: new Set(),
  owners: new Map(),
  ours: new Set(['colleague@example.com']),
};
const known: CustomersState = {
  ...nothing,
  customer: { ...account, version: 1, state: 'open', erased: false },
  contacts: [
    {
      id: other,
      name: 'A',
      email: 'a@example.com',
      language: 'en',
      part: 'owner',
      version: 2,
      unconfirmedSince: null,
      placedBy: [],
    },
  ],
};
const contact = { name: 'B', email: 'A@example.com', language: 'ja', part: 'member' } as const;
const { id: _, ...registering } = account;

describe('customers', () => {
  const rows: [string, CustomersState, CustomerCommand, string][] = [
    [
      'a product that nobody knows',
      { ...nothing, product: null },
      { do: 'registerCustomer', customer: { ...registering, contacts: [] } },
      'productUnknown',
    ],
    [
      'a retired product',
      { ...nothing, product: { retired: true } },
      { do: 'registerCustomer', customer: { ...registering, contacts: [] } },
      'productRetired',
    ],
    [
      'a key that an account had',
      { ...nothing, keyTaken: true },
      { do: 'registerCustomer', customer: { ...registering, contacts: [] } },
      'customerKeyTaken',
    ],
    [
      'two contacts of one address',
      nothing,
      {
        do: 'registerCustomer',
        customer: { ...registering, contacts: [contact, { ...contact, email: 'a@example.com' }] },
      },
      'contactEmailTaken',
    ],
    [
      'an edit of what was changed meanwhile',
      known,
      { do: 'changeCustomer', customerId, version: 0, changes: { told: 'atOnce' } },
      'versionConflict',
    ],
    [
      'an edit that changes nothing',
      known,
      { do: 'changeCustomer', customerId, version: 1, changes: { told: 'atEnd' } },
      'nothingToChange',
    ],
    [
      'an address that is there, in other letters',
      known,
      { do: 'addContact', customerId, contact },
      'contactEmailTaken',
    ],
    [
      'an address of one of our own people',
      known,
      { do: 'addContact', customerId, contact: { ...contact, email: 'Colleague@example.com' } },
      'contactIsOurs',
    ],
    [
      'an address of one of our own people, of a contact who is there',
      known,
      {
        do: 'changeContact',
        customerId,
        contactId: other,
        version: 2,
        changes: { email: 'colleague@example.com' },
      },
      'contactIsOurs',
    ],
    [
      'an address of one of our own people, with a new account',
      nothing,
      {
        do: 'registerCustomer',
        customer: {
          ...registering,
          contacts: [{ ...contact, email: 'colleague@example.com' }],
        },
      },
      'contactIsOurs',
    ],
    [
      'a contact who is not there',
      known,
      { do: 'removeContact', customerId, contactId: holdId },
      'contactUnknown',
    ],
    [
      'an account that is gone',
      { ...known, customer: { ...account, version: 1, state: 'gone', erased: false } },
      { do: 'addContact', customerId, contact: { ...contact, email: 'c@example.com' } },
      'customerGone',
    ],
  ];
  test.each(rows)('%s is refused', (_name, state, command, code) => {
    expect(decideCustomer(state, command, context(officer))).toMatchObject({
      ok: false,
      refusal: { code },
    });
  });

  test('names and addresses never reach the body of an entry', () => {
    const decided = decideCustomer(
      nothing,
      { do: 'registerCustomer', customer: { ...registering, contacts: [contact] } },
      context(officer),
    );
    const events = decided.ok ? decided.value : [];
    expect(events.map(({ type }) => type)).toEqual(['CustomerRegistered', 'ContactAdded']);
    const bodies = JSON.stringify(events.map(({ body, subject }) => ({ body, subject })));
    for (const name of ['Sample', 'sample-01', '2026-1', 'example.com', '"B"'])
      expect(bodies).not.toContain(name);
    expect(events[0]).toMatchObject({ private: { name: 'Sample Customer 01' }, about: 'new-0' });
    expect(events[1]).toMatchObject({ private: { email: 'A@example.com' }, about: 'new-1' });
  });
});

describe('holds (RET-2)', () => {
  const placed: HoldState = {
    customer: { id: customerId, state: 'closing' },
    hold: { id: holdId, placedBy: officer, lifted: false },
    keyLeft: false,
    others: 0,
  };
  const lift = { do: 'liftHold', holdId, note: 'settled' } as const;

  test('anotherLiftsTheHold: nobody lifts what they placed, and no program lifts anything', () => {
    expect(decideHold(placed, lift, context(officer))).toEqual({
      ok: false,
      refusal: { code: 'ownHold', params: {}, guard: 'RET-2' },
    });
    expect(decideHold(placed, lift, context(null))).toMatchObject({
      refusal: { code: 'needsPerson' },
    });
    expect(decideHold(placed, lift, context(other))).toMatchObject({
      ok: true,
      value: [{ type: 'HoldLifted', body: { hold: holdId, by: other, held: false } }],
    });
    expect(decideHold({ ...placed, others: 1 }, lift, context(other))).toMatchObject({
      value: [{ body: { held: true } }],
    });
  });

  test('the review lies ahead, and not beyond a year; days are those of the organisation', () => {
    const place = (reviewOn: string, state = placed) =>
      decideHold(
        state,
        { do: 'placeHold', customerId, reason: 'a claim', reviewOn },
        context(officer),
      );
    // 16:00 in UTC is the next day in Tokyo.
    expect(place('2026-01-30')).toMatchObject({ refusal: { code: 'reviewInPast' } });
    expect(place('2026-01-31')).toMatchObject({ ok: true });
    expect(place('2027-02-01')).toMatchObject({ ok: true });
    expect(place('2027-02-02')).toMatchObject({ refusal: { code: 'reviewTooLate' } });
    expect(
      place('2026-02-10', { ...placed, customer: { id: customerId, state: 'gone' } }),
    ).toMatchObject({ refusal: { code: 'customerGone' } });
  });

  test('RET-5: after the key there is nothing to hold; a hold that stands may be lifted', () => {
    const gone: HoldState = {
      ...placed,
      customer: { id: customerId, state: 'erasing' },
      keyLeft: true,
    };
    const place = {
      do: 'placeHold',
      customerId,
      reason: 'a claim',
      reviewOn: '2026-02-10',
    } as const;
    expect(decideHold(gone, place, context(officer))).toMatchObject({
      refusal: { code: 'holdTooLate' },
    });
    expect(decideHold({ ...gone, keyLeft: false }, place, context(officer)).ok).toBe(true);
    expect(decideHold(gone, lift, context(other)).ok).toBe(true);
  });
});

describe('products (RET-3)', () => {
  const line = {
    what: { en: 'Documents', ja: '書類' },
    place: 'Tokyo',
    controller: 'customer',
    collection: null,
  } as const;
  const cloud: ProductState = {
    product: {
      id: productId,
      key: 'scheduler',
      name: 'Scheduler',
      kind: 'cloud',
      custody: 'vault',
      version: 1,
      retired: false,
    },
    keyTaken: false,
    holdings: [{ id: holdId, ...line, collection: 'documents' }],
    customers: 2,
    held: new Set(['documents']),
  };

  test('installedHoldsNothing: what is installed is given neither vault nor keys nor collection', () => {
    const refused = { refusal: { code: 'installedHoldsNothing', guard: 'RET-3' } };
    const add = (custody: 'vault' | 'keys', collection: string | null = null) =>
      decideProduct(
        { ...cloud, product: null },
        {
          do: 'addProduct',
          product: {
            key: 'solver',
            name: 'Solver',
            kind: 'installed',
            custody,
            holdings: [{ ...line, collection }],
          },
        },
        context(officer),
      );
    expect(add('vault')).toMatchObject(refused);
    expect(add('keys')).toMatchObject(refused);
    const installed: ProductState = {
      ...cloud,
      product: { ...(cloud.product as NonNullable<typeof cloud.product>), kind: 'installed' },
    };
    const hold = { do: 'addHolding', productId, holding: { ...line, collection: 'x' } } as const;
    expect(decideProduct(installed, hold, context(officer))).toMatchObject(refused);
  });

  test('a map keeps the lines of what is there, and a product its customers', () => {
    const run = (command: Parameters<typeof decideProduct>[1]) =>
      decideProduct(cloud, command, context(officer));
    expect(run({ do: 'removeHolding', productId, holdingId: holdId })).toMatchObject({
      refusal: { code: 'collectionHeld' },
    });
    expect(
      run({ do: 'changeProduct', productId, version: 1, changes: { custody: 'keys' } }),
    ).toMatchObject({ refusal: { code: 'collectionHeld' } });
    expect(run({ do: 'retireProduct', productId })).toMatchObject({
      refusal: { code: 'productInUse' },
    });
    expect(
      run({ do: 'addHolding', productId, holding: { ...line, collection: 'documents' } }),
    ).toMatchObject({ refusal: { code: 'collectionMapped' } });
    expect(
      run({ do: 'addHolding', productId, holding: { ...line, collection: 'images' } }),
    ).toMatchObject({ ok: true, value: [{ type: 'HoldingAdded' }] });
  });
});
