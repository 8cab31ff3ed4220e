import { describe, expect, test } from 'vitest';
import type { Refusal, Result } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { CaseInHand, FoundCase } from './flow.cases.ts';
import * as cases from './flow.cases.ts';
import { decideReconciliation, decideReview } from './flow.closing.ts';

/** The rules of cases as a table that a security officer can read. */

const now = Temporal.Instant.from('2026-02-02T09:00:00Z');
const at = (hours: number) => now.add({ hours });

const found: FoundCase = {
  id: 'case',
  customerId: 'acme',
  customer: 'Acme',
  customerGone: false,
  requesterId: 'sami',
  requesterGone: false,
  approverId: null,
  role: 'support',
  purpose: 'help',
  basis: 'contract',
  state: 'asked',
  emergency: false,
  hours: 4,
  customerNeeded: false,
  customerDecided: false,
  toldAtOnce: false,
  lapsesAt: at(100),
  openedAt: null,
  endsAt: null,
  endedAt: null,
  reads: 0,
  reconcileDueAt: null,
  reviewDueAt: null,
  reviewed: false,
  waitingTasks: [],
};

function inHand(callerId: string | null, more: Partial<FoundCase> = {}): CaseInHand {
  return {
    callerId,
    callerLacksUndertaking: false,
    found: { ...found, ...more },
    extension: null,
    owner: null,
    contacts: ['contact'],
    longestHours: 24,
    reconcileDays: 5,
  };
}

const context: Context = {
  now,
  actor: { kind: 'person', id: 'x', roles: [], secondFactor: true, language: 'en' },
  zone: 'Asia/Tokyo',
  newId: () => 'new',
};

/** Types of what happened, or the refusal with its guard. */
function said(answer: Result<readonly { readonly type: string }[], Refusal>): string {
  if (answer.ok) return answer.value.map(({ type }) => type).join(' ');
  return [answer.refusal.code, answer.refusal.guard].filter(Boolean).join(' ');
}

const approve = { id: 'case', decision: 'approve', reason: '' } as const;
const refuse = { id: 'case', decision: 'refuse', reason: '' } as const;

describe('CUS-3: who may approve', () => {
  test.each([
    ['a colleague', inHand('cora'), 'CaseDecided'],
    ['the requester', inHand('sami'), 'ownCase CUS-3'],
    ['a token of nobody', inHand(null), 'needsPerson'],
    ['twice', inHand('cora', { state: 'approved' }), 'caseNotWaiting'],
    ['before the customer', inHand('cora', { customerNeeded: true }), 'customerFirst CUS-3'],
    ['after them', inHand('cora', { customerNeeded: true, customerDecided: true }), 'CaseDecided'],
    ['for who has left', inHand('cora', { requesterGone: true }), 'requesterGone CUS-3'],
    ['of an erased account', inHand('cora', { customerGone: true }), 'customerGone'],
    ['an emergency', inHand('olga', { emergency: true }), 'CaseDecided CaseOpened CustomerTold'],
    ['one’s own emergency', inHand('sami', { emergency: true }), 'ownCase CUS-3'],
  ])('%s: %#', (_, state, expected) => {
    expect(said(cases.decideOnCase(state, approve, context))).toBe(expected);
  });

  test('refusing needs a reason, approving none', () => {
    expect(said(cases.decideOnCase(inHand('cora'), refuse, context))).toBe('caseReasonMissing');
    const reasoned = { ...refuse, reason: 'not needed' };
    expect(said(cases.decideOnCase(inHand('cora'), reasoned, context))).toBe('CaseDecided');
  });
});

describe('CUS-3: opening and ending', () => {
  const approved = { state: 'approved' } as const;
  test.each([
    ['the requester', inHand('sami', approved), 'CaseOpened'],
    ['told at once', inHand('sami', { ...approved, toldAtOnce: true }), 'CaseOpened CustomerTold'],
    ['somebody else', inHand('cora', approved), 'notYourCase CUS-3'],
    ['not approved', inHand('sami'), 'caseNotApproved'],
    ['lapsed', inHand('sami', { ...approved, lapsesAt: now }), 'caseNotApproved'],
    ['of an erased account', inHand('sami', { ...approved, customerGone: true }), 'customerGone'],
  ])('%s: %#', (_, state, expected) => {
    expect(said(cases.decideOpening(state, { id: 'case' }, context))).toBe(expected);
  });

  const open = { state: 'open', openedAt: at(-4), endsAt: now } as const;
  const clock: Context = { ...context, actor: { kind: 'system', id: 'tick' } };
  test.each([
    ['the clock at its time', inHand(null, open), clock, 'CaseEnded'],
    ['the clock before it', inHand(null, { ...open, endsAt: at(1) }), clock, ''],
    [
      'the clock, of a leaver',
      inHand(null, { ...open, endsAt: at(1), requesterGone: true }),
      clock,
      'CaseEnded',
    ],
    ['the requester before it', inHand('sami', { ...open, endsAt: at(1) }), context, 'CaseEnded'],
    ['somebody else', inHand('cora', open), context, 'notYourCase'],
  ])('ended by %s: %#', (_, state, by, expected) => {
    expect(said(cases.decideEnd(state, { id: 'case' }, by))).toBe(expected);
  });
});

describe('CUS-3: reconciling and reviewing', () => {
  const ended = { state: 'ended', openedAt: at(-5), endsAt: at(-1), endedAt: at(-1) } as const;
  const list = (deviations: number) => ({
    list: { reads: 3, deviations, sha256: 'x', bytes: new Uint8Array() },
    summary: '',
  });
  test.each([
    ['a colleague', 'cora', 0, '', 'CaseReconciled CustomerTold'],
    ['the reader', 'sami', 0, '', 'readerReconciles CUS-3'],
    ['differences unsaid', 'cora', 1, '', 'deviationUnexplained CUS-3'],
    ['differences said', 'cora', 1, 'a wrong click', 'CaseReconciled CustomerTold'],
  ])('%s', (_, who, deviations, note, expected) => {
    const state = { ...inHand(who, ended), ...list(deviations) };
    expect(said(decideReconciliation(state, { id: 'case', note }, context))).toBe(expected);
  });

  test.each([
    ['another', 'cora', { emergency: true, reviewDueAt: at(1) }, 'CaseReviewed'],
    ['who declared it', 'sami', { emergency: true, reviewDueAt: at(1) }, 'ownCase CUS-3'],
    [
      'who confirmed it',
      'cora',
      { emergency: true, reviewDueAt: at(1), approverId: 'cora' },
      'ownConfirmation CUS-3',
    ],
    ['again', 'cora', { emergency: true, reviewDueAt: at(1), reviewed: true }, 'caseReviewed'],
    ['an ordinary case', 'cora', {}, 'notAnEmergency'],
  ])('reviewed by %s', (_, who, more, expected) => {
    const command = { id: 'case', verdict: 'justified', note: 'it was' } as const;
    expect(said(decideReview(inHand(who, more), command, context))).toBe(expected);
  });
});
