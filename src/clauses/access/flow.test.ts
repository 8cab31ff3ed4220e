import { describe, expect, test } from 'vitest';
import type { Context } from '../../policy/event.ts';
import type { Campaign, Decide, Settings } from './facts.ts';
import { shippedSettings } from './facts.ts';
import { decideClosing, mailsOfClosing } from './flow.closing.ts';
import { type DecidingState, decideDelegation, decideItems } from './flow.deciding.ts';
import { decideOpening, decideQuarter, nextOpening } from './flow.opening.ts';
import { decideCarriedOut, decideProof } from './flow.orders.ts';

const at = (text: string) => Temporal.Instant.from(text);
let ids = 0;
const context: Context = {
  now: at('2026-04-10T00:00:00Z'),
  actor: {
    kind: 'person',
    id: 'olga',
    roles: ['security-officer'],
    secondFactor: true,
    language: 'en',
  },
  zone: 'Asia/Tokyo',
  newId: () => `id-${ids++}`,
};
const clock: Context = { ...context, actor: { kind: 'system', id: 'tick' } };

const campaign: Campaign = {
  id: 'c1',
  name: '2026-Q2',
  quarter: '2026-Q2',
  state: 'open',
  dueAt: at('2026-04-21T15:00:00Z'),
  revokeWithinHours: 24,
  items: 10,
  undecided: 4,
};
const closedCampaign: Campaign = { ...campaign, state: 'complete' };
const evidence = { bytes: new Uint8Array(), sha256: 'e3b0' };

/** What a decision comes to, in a word. */
function outcome(answer: { ok: boolean; refusal?: { code: string; guard?: string } }): string {
  if (answer.ok) return 'decided';
  return answer.refusal?.guard
    ? `${answer.refusal.code} (${answer.refusal.guard})`
    : (answer.refusal?.code ?? '');
}

describe('to decide on items', () => {
  const state: DecidingState = {
    campaign,
    reviewerId: 'owen',
    mine: 5,
    own: 0,
    others: 0,
    unfit: 0,
    systems: [],
    evidence,
  };
  const keep: Decide = {
    campaignId: 'c1',
    decision: 'keep',
    reason: '',
    wantedEntitlementId: null,
    selection: { filter: {} },
  };
  const revoke: Decide = { ...keep, decision: 'revoke', reason: 'left the project' };
  const change: Decide = {
    ...keep,
    decision: 'change',
    reason: 'reads only',
    wantedEntitlementId: 'reader',
  };

  test.each<[string, Partial<DecidingState>, Decide, string]>([
    ['what is mine', {}, keep, 'decided'],
    ['mine among others’ and my own', { own: 2, others: 3 }, keep, 'decided'],
    ['to revoke with a reason', {}, revoke, 'decided'],
    ['to revoke without one', {}, { ...revoke, reason: '' }, 'reasonMissing'],
    ['to change to another entitlement', {}, change, 'decided'],
    ['to change without a reason', {}, { ...change, reason: '' }, 'reasonMissing'],
    ['to change to nothing', {}, { ...change, wantedEntitlementId: null }, 'wantedMissing'],
    [
      'to keep and want something',
      {},
      { ...keep, wantedEntitlementId: 'reader' },
      'wantedNotAsked',
    ],
    ['to change to what does not fit', { unfit: 1 }, change, 'wantedElsewhere'],
    ['only my own access', { mine: 0, own: 1 }, keep, 'ownReview (ACC-5)'],
    ['my own and others’', { mine: 0, own: 1, others: 4 }, keep, 'ownReview (ACC-5)'],
    ['only what others review', { mine: 0, others: 4 }, keep, 'notYourItems'],
    ['nothing', { mine: 0 }, keep, 'nothingSelected'],
    ['in a closed campaign', { campaign: closedCampaign }, keep, 'campaignClosed'],
    ['in none', { campaign: null }, keep, 'notFound'],
    ['as a token of nobody', { reviewerId: null, mine: 0 }, keep, 'needsPerson'],
  ])('%s', (_case, change, command, expected) => {
    expect(outcome(decideItems({ ...state, ...change }, command, context))).toBe(expected);
  });

  test('the entry tells how many, until when what is to go must be gone, and no reason', () => {
    const decided = decideItems({ ...state, own: 2, others: 3 }, revoke, context);
    expect(decided.ok && decided.value[0]).toMatchObject({
      type: 'ItemsDecided',
      subject: 'campaign/c1',
      body: {
        count: 5,
        ownExcluded: 2,
        othersExcluded: 3,
        revokeBy: '2026-04-11T00:00:00.000Z',
        decisionsBlob: 'e3b0',
      },
      private: { reason: 'left the project' },
    });
    expect(JSON.stringify(decided.ok && decided.value[0]?.body)).not.toContain('project');
  });
});

describe('to delegate', () => {
  const state = { campaign, mayPass: true, toAble: true, count: 3, own: 0, evidence };
  const command = { campaignId: 'c1', from: 'owen', to: 'ben', selection: { filter: {} } };
  test.each([
    ['undecided items', {}, 'decided'],
    ['also some that are access of the other', { own: 2 }, 'decided'],
    ['only access of the other', { count: 0, own: 2 }, 'ownReview (ACC-5)'],
    ['nothing', { count: 0 }, 'nothingSelected'],
    ['what somebody else holds', { mayPass: false }, 'notYourItems'],
    ['to somebody who has left', { toAble: false }, 'personNotAble'],
    ['in a closed campaign', { campaign: closedCampaign }, 'campaignClosed'],
  ])('%s', (_case, change, expected) => {
    expect(outcome(decideDelegation({ ...state, ...change }, command, context))).toBe(expected);
  });
});

describe('to open', () => {
  const snapshot = { salt: 's', digest: 'd', items: 3, systems: 1, waiting: [] };
  const state = { systemsExist: true, fallbackAble: true, snapshot, officers: [] };
  const command = {
    name: 'Spring',
    systems: 'all' as const,
    dueAt: '2026-05-01T00:00:00Z',
    revokeWithinHours: 24,
    reviewerRule: 'systemOwner' as const,
    fallback: null,
  };
  test.each([
    ['over every system', {}, {}, 'decided'],
    ['due in the past', {}, { dueAt: '2026-04-01T00:00:00Z' }, 'dueInThePast'],
    [
      'over a system that is not there',
      { systemsExist: false },
      { systems: ['x'] },
      'systemsNotFound',
    ],
    ['with a fallback who has left', { fallbackAble: false }, {}, 'personNotAble'],
    ['over nothing', { snapshot: { ...snapshot, items: 0 } }, {}, 'nothingToReview'],
  ])('%s', (_case, change, other, expected) => {
    expect(outcome(decideOpening({ ...state, ...change }, { ...command, ...other }, context))).toBe(
      expected,
    );
  });

  test('only one over every system stands for the quarter; its name stays private', () => {
    const whole = decideOpening(state, command, context);
    const part = decideOpening(state, { ...command, systems: ['erp'] }, context);
    expect(whole.ok && whole.value[0]?.body.quarter).toBe('2026-Q2');
    expect(part.ok && part.value[0]?.body.quarter).toBeNull();
    expect(whole.ok && whole.value[0]?.private).toEqual({ name: 'Spring', salt: 's' });
  });

  test.each([
    ['by the clock', {}, 1],
    ['once a quarter', { covered: true }, 0],
    ['not where it is switched off', { settings: { ...shippedSettings, openByItself: false } }, 0],
    ['not over nothing', { snapshot: { ...snapshot, items: 0 } }, 0],
  ])('%s', (_case, change, events) => {
    const decided = decideQuarter(
      { ...state, settings: shippedSettings, covered: false, ...change },
      {},
      clock,
    );
    expect(decided.ok && decided.value).toHaveLength(events);
  });

  test('by the clock it is due so many days later, at the end of a day in the organisation’s zone', () => {
    const decided = decideQuarter(
      { ...state, settings: shippedSettings, covered: false },
      {},
      clock,
    );
    expect(decided.ok && decided.value[0]?.body).toMatchObject({
      automatic: true,
      dueAt: '2026-04-30T15:00:00.000Z',
    });
  });

  test.each<[string, string, number, string, string]>([
    [
      'before the first day of a quarter',
      '2026-03-31T14:59:59Z',
      0,
      '2026-Q2',
      '2026-03-31T15:00:00Z',
    ],
    ['from that day on', '2026-03-31T15:00:00Z', 0, '2026-Q3', '2026-06-30T15:00:00Z'],
    ['some days into it', '2026-04-05T00:00:00Z', 10, '2026-Q2', '2026-04-10T15:00:00Z'],
    ['over the turn of the year', '2026-12-01T00:00:00Z', 0, '2027-Q1', '2026-12-31T15:00:00Z'],
  ])('the next opening %s', (_case, now, dayOffset, quarter, opens) => {
    const settings: Settings = { ...shippedSettings, dayOffset };
    expect(nextOpening(settings, { now: at(now), zone: 'Asia/Tokyo' })).toEqual({
      quarter,
      at: at(opens),
    });
  });
});

describe('to close', () => {
  const late = [
    { reviewerId: 'owen', name: 'Owen', managerId: 'ben', items: 3 },
    { reviewerId: null, name: '', managerId: null, items: 1 },
  ];
  const state = { campaign, late, officers: ['olga'] };
  const decided = { ...campaign, undecided: 0 };
  test.each([
    ['by hand with something undecided', state, context, 'undecidedItems'],
    ['by hand with everything decided', { ...state, campaign: decided }, context, 'decided'],
    ['by hand what is closed', { ...state, campaign: closedCampaign }, context, 'campaignClosed'],
    ['by the clock with something undecided', state, clock, 'decided'],
    ['by the clock what is closed', { ...state, campaign: closedCampaign }, clock, 'decided'],
  ])('%s', (_case, given, by, expected) => {
    expect(outcome(decideClosing(given, { campaignId: 'c1' }, by))).toBe(expected);
  });

  test('incomplete, it escalates to those above the late and to the officers', () => {
    const closed = decideClosing(state, { campaignId: 'c1' }, clock);
    const [event] = closed.ok ? closed.value : [];
    expect(event?.body.state).toBe('incomplete');
    const mails = event ? mailsOfClosing(event, state) : [];
    expect(mails.map((mail) => [mail.to, mail.template])).toEqual([
      ['ben', 'access.reviewMissed'],
      ['olga', 'access.campaignIncomplete'],
    ]);
  });
});

describe('orders', () => {
  const said = { systemExists: true, personId: 'owen', answerable: true, count: 2, evidence };
  test.each([
    ['by who answers for the system', {}, 'decided'],
    ['by somebody else', { answerable: false }, 'notYourSystem'],
    ['where none is open', { count: 0 }, 'noOpenOrders'],
    ['by nobody', { personId: null }, 'needsPerson'],
    ['of no system', { systemExists: false }, 'notFound'],
  ])('said to be carried out %s', (_case, change, expected) => {
    expect(
      outcome(
        decideCarriedOut({ ...said, ...change }, { originId: 'c1', systemId: 'erp' }, context),
      ),
    ).toBe(expected);
  });

  test('are proven by a complete read alone', () => {
    const read = { id: 'r1', at: context.now };
    expect(decideProof({ read: null, count: 3, evidence }, { systemId: 'erp' }, clock)).toEqual({
      ok: true,
      value: [],
    });
    expect(decideProof({ read, count: 0, evidence }, { systemId: 'erp' }, clock)).toEqual({
      ok: true,
      value: [],
    });
    const proven = decideProof({ read, count: 3, evidence }, { systemId: 'erp' }, clock);
    expect(proven.ok && proven.value[0]?.body).toMatchObject({ read: 'r1', count: 3 });
  });
});
