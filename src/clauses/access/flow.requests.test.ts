import { describe, expect, test } from 'vitest';
import type { Context } from '../../policy/event.ts';
import { decideDuties, decideOffer } from './flow.duties.ts';
import { decideEmergencyEnd, decideReview, decideTaking } from './flow.emergency.ts';
import {
  type AskingState,
  decideAsking,
  decideOnRequests,
  type RequestsState,
} from './flow.requests.ts';

let ids = 0;
const context: Context = {
  now: Temporal.Instant.from('2026-04-10T00:00:00Z'),
  actor: { kind: 'person', id: 'ann', roles: ['employee'], secondFactor: true, language: 'en' },
  zone: 'Asia/Tokyo',
  newId: () => `id-${ids++}`,
};
const clock: Context = { ...context, actor: { kind: 'system', id: 'tick' } };
const evidence = { bytes: new Uint8Array(), sha256: 'e3b0' };
const broken = { rule: 'Order and pay', other: 'pay · Bank' };

/** What a decision comes to, in a word. */
function outcome(answer: { ok: boolean; refusal?: { code: string; guard?: string } }): string {
  if (answer.ok) return 'done';
  const { code = '', guard } = answer.refusal ?? {};
  return guard ? `${code} (${guard})` : code;
}

describe('to ask for access', () => {
  const state: AskingState = {
    entitlement: {
      name: 'order',
      systemId: 'erp',
      system: 'ERP',
      requestable: true,
      longestDays: 30,
    },
    requesterId: 'ann',
    personId: 'ann',
    personAble: true,
    mayAskFor: true,
    standing: null,
    asked: false,
    forbidden: null,
    approverId: 'owen',
    byOfficer: false,
    officers: ['olga'],
  };
  const command = { entitlementId: 'e', purpose: 'work', endsOn: '2026-05-01', personId: null };
  const held = (endsOn: string | null) => ({ standing: { id: 'g', endsOn } });
  test.each<[string, Partial<AskingState>, Partial<typeof command>, string]>([
    ['what is offered', {}, {}, 'done'],
    ['until today', {}, { endsOn: '2026-04-10' }, 'done'],
    ['until yesterday', {}, { endsOn: '2026-04-09' }, 'endInPast'],
    ['until the last day that the owner allows', {}, { endsOn: '2026-05-10' }, 'done'],
    ['for longer than the owner allows', {}, { endsOn: '2026-05-11' }, 'endTooFar'],
    ['what does not exist', { entitlement: null }, {}, 'entitlementUnknown'],
    ['as nobody', { requesterId: null, personId: null }, {}, 'needsPerson'],
    ['for somebody else’s report', { mayAskFor: false }, {}, 'notYourReport'],
    ['for somebody who has left', { personAble: false }, {}, 'personNotAble'],
    ['for more time', held('2026-04-20'), {}, 'done'],
    ['for what is granted that long', held('2026-05-01'), {}, 'alreadyGranted'],
    ['for what is granted without end', held(null), {}, 'alreadyGranted'],
    ['twice', { asked: true }, {}, 'alreadyAsked'],
    ['against a rule', { forbidden: broken }, {}, 'conflictingDuties (ACC-4)'],
  ])('%s', (_case, change, wish, expected) => {
    const answer = decideAsking({ ...state, ...change }, { ...command, ...wish }, context);
    expect(outcome(answer)).toBe(expected);
  });

  test('the entry tells who decides and until when, and not what for', () => {
    const asked = decideAsking({ ...state, ...held('2026-04-20') }, command, context);
    expect(asked.ok && asked.value[0]).toMatchObject({
      body: { approver: 'owen', extends: 'g', dueAt: '2026-04-13T00:00:00.000Z' },
      private: { purpose: 'work' },
    });
    expect(JSON.stringify(asked.ok && asked.value[0]?.body)).not.toContain('work');
  });
});

describe('to decide on requests', () => {
  const state: RequestsState = {
    approverId: 'owen',
    able: 2,
    own: 0,
    others: 0,
    lacking: 0,
    conflicting: 0,
    unable: 0,
    closed: 0,
    broken: null,
    evidence,
    askers: [],
  };
  const approve = { ids: ['a', 'b'], decision: 'approve' as const, reason: '' };
  const refuse = { ...approve, decision: 'refuse' as const, reason: 'not needed' };
  const none = { able: 0 };
  test.each<[string, Partial<RequestsState>, typeof approve | typeof refuse, string]>([
    ['what is mine', {}, approve, 'done'],
    ['mine among what guards forbid', { own: 1, lacking: 1, conflicting: 1 }, approve, 'done'],
    ['to refuse with a reason', {}, refuse, 'done'],
    ['to refuse without one', {}, { ...refuse, reason: '' }, 'reasonMissing'],
    ['only my own', { ...none, own: 1 }, approve, 'ownRequest (ACC-4)'],
    ['only those without undertaking', { ...none, lacking: 1 }, approve, 'noUndertaking (PEO-4)'],
    ['only conflicts', { ...none, conflicting: 1, broken }, approve, 'conflictingDuties (ACC-4)'],
    ['only what others decide', { ...none, others: 1 }, approve, 'notYourRequests'],
    ['for those who have left', { ...none, unable: 1 }, approve, 'personNotAble'],
    ['what is closed', { ...none, closed: 2 }, approve, 'notOpen'],
    ['what does not exist', none, approve, 'notFound'],
    ['as nobody', { approverId: null }, approve, 'needsPerson'],
  ])('%s', (_case, change, command, expected) => {
    expect(outcome(decideOnRequests({ ...state, ...change }, command, context))).toBe(expected);
  });
});

describe('emergency access', () => {
  const taking = {
    callerId: 'ann',
    name: 'Ann',
    able: true,
    lacksUndertaking: false,
    entitlement: {
      name: 'root',
      systemId: 'erp',
      system: 'ERP',
      ownerId: 'owen',
      emergency: true,
    },
    held: false,
    officers: ['olga'],
  };
  test.each([
    ['what is offered for it', {}, 'done'],
    ['as nobody', { callerId: null }, 'needsPerson'],
    ['what does not exist', { entitlement: null }, 'entitlementUnknown'],
    [
      'what is not offered for it',
      { entitlement: { ...taking.entitlement, emergency: false } },
      'notForEmergencies',
    ],
    ['what one holds', { held: true }, 'alreadyGranted'],
    ['without an undertaking', { lacksUndertaking: true }, 'noUndertaking (PEO-4)'],
    ['after one has left', { able: false }, 'personNotAble'],
  ])('to take %s', (_case, change, expected) => {
    const command = { entitlementId: 'e', reason: 'outage', hours: 4 };
    expect(outcome(decideTaking({ ...taking, ...change }, command, context))).toBe(expected);
  });

  const emergency = {
    id: 'm',
    personId: 'ann',
    systemId: 'erp',
    entitlementId: 'e',
    endsAt: Temporal.Instant.from('2026-04-10T04:00:00Z'),
    ended: false,
    reviewDueAt: null,
    reviewed: false,
  };
  const state = { callerId: 'ann', answerable: false, emergency, reviewerId: 'owen' };
  const ended = { emergency: { ...emergency, ended: true } };
  test.each([
    ['by who took it, before its time', {}, context, 'done'],
    ['by somebody else', { callerId: 'ben' }, context, 'notYourAccess'],
    ['again', ended, context, 'notOpen'],
    ['by the clock, too early', {}, clock, 'done'],
  ])('to end it %s', (_case, change, by, expected) => {
    const answer = decideEmergencyEnd({ ...state, ...change }, { id: 'm' }, by);
    expect(outcome(answer)).toBe(expected);
    if (by === clock) expect(answer.ok && answer.value).toEqual([]);
  });

  const owens = { ...state, ...ended, callerId: 'owen', answerable: true };
  test.each([
    ['by the owner', {}, 'done'],
    ['by who took it', { callerId: 'ann' }, 'ownEmergency (ACC-4)'],
    ['by somebody else', { answerable: false }, 'notYourSystem'],
    ['before its end', { emergency }, 'emergencyNotEnded'],
    ['twice', { emergency: { ...emergency, ended: true, reviewed: true } }, 'alreadyReviewed'],
  ])('to review it %s', (_case, change, expected) => {
    const command = { id: 'm', verdict: 'justified' as const, note: 'ok' };
    expect(outcome(decideReview({ ...owens, ...change }, command, context))).toBe(expected);
  });
});

describe('rules of conflicting duties, and what owners offer', () => {
  const state = {
    rule: null,
    exception: null,
    entitlements: 2,
    taken: false,
    callerId: 'olga',
    personAble: true,
  };
  const rule = { do: 'writeRule', id: null, name: 'n', severity: 'forbid', reason: 'r' } as const;
  const write = { ...rule, firstId: 'a', secondId: 'b' };
  const except = { do: 'except', ruleId: 'r', personId: 'ann', endsOn: '2026-05-01' } as const;
  const of = { rule: { id: 'r' } };
  test.each<[string, Partial<typeof state> | object, Parameters<typeof decideDuties>[1], string]>([
    ['a rule', {}, write, 'done'],
    ['of one with itself', {}, { ...write, secondId: 'a' }, 'sameEntitlement'],
    ['of what does not exist', { entitlements: 1 }, write, 'entitlementUnknown'],
    ['of two that have one', { taken: true }, write, 'ruleExists'],
    ['in the place of none', {}, { ...write, id: 'gone' }, 'notFound'],
    ['an end', of, { do: 'endRule', id: 'r' }, 'done'],
    ['an exception', of, { ...except, reason: 'r' }, 'done'],
    ['of oneself', { ...of, callerId: 'ann' }, { ...except, reason: 'r' }, 'ownException (ACC-4)'],
    ['until yesterday', of, { ...except, reason: 'r', endsOn: '2026-04-01' }, 'endInPast'],
    ['for ever', of, { ...except, reason: 'r', endsOn: '2036-04-01' }, 'endTooFar'],
    ['from no rule', {}, { ...except, reason: 'r' }, 'notFound'],
  ])('%s', (_case, change, command, expected) => {
    expect(outcome(decideDuties({ ...state, ...change }, command, context))).toBe(expected);
  });

  const describeIt = {
    do: 'describe',
    entitlementId: 'e',
    description: '',
    requestable: true,
    emergency: false,
  } as const;
  test.each([
    ['by the owner', {}, 'done'],
    ['by somebody else', { answerable: false }, 'notYourSystem'],
    ['what does not exist', { systemId: null }, 'entitlementUnknown'],
  ])('to describe an entitlement %s', (_case, change, expected) => {
    const offer = { systemId: 'erp', answerable: true, delegateAble: true, ...change };
    expect(outcome(decideOffer(offer, describeIt, context))).toBe(expected);
  });
});
