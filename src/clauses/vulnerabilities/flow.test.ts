import { describe, expect, test } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import { actorWith } from '../../platform/testing/world.ts';
import type { Context } from '../../policy/event.ts';
import { askDecision } from './facts.decisions.ts';
import { fixVersionOf } from './facts.matching.ts';
import { patchPolicy } from './facts.policy.ts';
import { daysOf, rate } from './facts.rating.ts';
import { shippedPolicy } from './facts.terms.ts';
import type { ItemCommand } from './facts.ts';
import type { KnownDecision } from './flow.decisions.ts';
import { decideAsking, decideDeciding, decideExpiry, decideWithdrawal } from './flow.decisions.ts';
import { decideItems, type KnownItem, mailsOfItems } from './flow.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [asker, approver, item] = [1, 2, 3].map(id) as [string, string, string];
const evidenceOf = (lines: readonly string[]) => ({
  bytes: Buffer.from(lines.join('\n')),
  sha256: 'digest',
});
let fresh = 0;
const context: Context = {
  now: Temporal.Instant.from('2026-01-30T16:00:00Z'),
  zone: 'Asia/Tokyo',
  actor: { kind: 'system', id: 'test' },
  newId: () => `new-${fresh++}`,
};
const policy = { ...shippedPolicy, classes: shippedPolicy.classes.map((each) => ({ ...each })) };

function known(state: KnownItem['state'], pending = false) {
  return { id: item, number: 7, state, assigneeId: null, pending };
}

describe('items', () => {
  const act = (state: KnownItem['state'], command: 'startBacklog' | 'putBackBacklog') =>
    decideItems(
      { items: [known(state)], assigneeKnown: true, callerId: asker, evidenceOf },
      { do: command, ids: [item] },
      context,
    );

  test.each([
    ['open', 'startBacklog', 'BacklogStarted'],
    ['working', 'startBacklog', undefined],
    ['working', 'putBackBacklog', 'BacklogPutBack'],
    ['open', 'putBackBacklog', undefined],
    ['accepted', 'startBacklog', 'itemDecided'],
    ['notAffected', 'startBacklog', 'itemDecided'],
    ['fixed', 'startBacklog', 'itemClosed'],
    ['lapsed', 'putBackBacklog', 'itemClosed'],
  ] as const)('%s, %s: %s', (state, command, expected) => {
    const decided = act(state, command);
    expect(decided.ok ? decided.value[0]?.type : decided.refusal.code).toBe(expected);
  });

  test('one that is not there refuses all of them; several are one event with their ids as evidence', () => {
    const state = { items: [known('open')], assigneeKnown: true, callerId: asker, evidenceOf };
    const two: ItemCommand = { do: 'assignBacklog', ids: [item, id(4)], assigneeId: asker };
    expect(decideItems(state, two, context)).toMatchObject({ refusal: { code: 'notFound' } });
    const both = { ...state, items: [known('open'), { ...known('open'), id: id(4) }] };
    expect(decideItems(both, two, context)).toMatchObject({
      value: [
        {
          type: 'BacklogAssigned',
          subject: 'backlog/bulk',
          body: { count: 2, itemsBlob: 'digest' },
        },
      ],
    });
    const given = (assigneeId: string | null) => {
      const decided = decideItems(both, { ...two, assigneeId }, context);
      const [event] = decided.ok ? decided.value : [];
      return event ? mailsOfItems(event, both) : [];
    };
    // Who takes something is told nothing; who is given something, once.
    expect(given(asker)).toEqual([]);
    expect(given(approver)).toMatchObject([
      { kind: 'mail', to: approver, template: 'vulnerabilities.assigned', params: { count: 2 } },
    ]);
    const unknown = { ...both, assigneeKnown: false };
    expect(decideItems(unknown, two, context)).toMatchObject({
      refusal: { code: 'assigneeUnknown' },
    });
  });
});

describe('what is asked for', () => {
  const command = (more: object) =>
    askDecision.parse({ ids: [item], kind: 'accepted', reason: 'r', until: '2026-03-01', ...more });
  const asked = (more: object, state: KnownItem['state'] = 'open', pending = false) => {
    const decided = decideAsking(
      {
        items: [known(state, pending)],
        callerId: asker,
        acceptanceDays: 180,
        evidenceOf,
        officers: [approver],
      },
      command(more),
      context,
    );
    return decided.ok ? (decided.value[0]?.type ?? '') : decided.refusal.code;
  };

  test.each([
    ['a risk accepted for a time', {}, 'DecisionAsked'],
    // 16:00 in UTC is the next day in Tokyo.
    ['until today', { until: '2026-01-31' }, 'DecisionAsked'],
    ['until yesterday', { until: '2026-01-30' }, 'untilPast'],
    ['for as long as the policy allows', { until: '2026-07-30' }, 'DecisionAsked'],
    ['for a day more', { until: '2026-07-31' }, 'untilTooLate'],
    ['not affected without saying why', { kind: 'notAffected' }, 'justificationMissing'],
    [
      'not affected',
      { kind: 'notAffected', justification: 'component_not_present' },
      'DecisionAsked',
    ],
    [
      'a risk with a justification',
      { justification: 'component_not_present' },
      'justificationUnfit',
    ],
  ])('%s', (_name, more, expected) => {
    expect(asked(more)).toBe(expected);
  });

  test('is asked once, and of what is open', () => {
    expect(asked({}, 'working')).toBe('DecisionAsked');
    expect(asked({}, 'open', true)).toBe('decisionPending');
    expect(asked({}, 'accepted')).toBe('itemDecided');
    expect(asked({}, 'fixed')).toBe('itemClosed');
  });
});

describe('decisions (VUL-4)', () => {
  const decision: KnownDecision = {
    id: id(9),
    itemId: item,
    number: 7,
    kind: 'accepted',
    state: 'asked',
    askedBy: asker,
    until: context.now.add({ hours: 24 }),
  };
  const decide = (
    callerId: string | null,
    over: Partial<KnownDecision>,
    approve = true,
    note = '',
    actor: Actor = actorWith(callerId ?? '', 'security-officer'),
  ) =>
    decideDeciding(
      { decisions: [{ ...decision, ...over }], callerId, evidenceOf },
      { ids: [decision.id], approve, note },
      { ...context, actor },
    );

  test('approverIsAnother: nobody approves, or refuses, what they asked for; no program does', () => {
    const refused = { refusal: { code: 'ownDecision', guard: 'VUL-4' } };
    expect(decide(asker, {})).toMatchObject(refused);
    expect(decide(asker, {}, false, 'no')).toMatchObject(refused);
    const refusedToAll = { refusal: { code: 'decidingNeedsPerson' } };
    expect(decide(null, {})).toMatchObject(refusedToAll);
    const token = { kind: 'token', id: 't', roles: [], person: approver, scope: null } as const;
    expect(decide(approver, {}, true, '', token)).toMatchObject(refusedToAll);
    expect(decide(approver, {}, false, 'no', token)).toMatchObject(refusedToAll);
    expect(decide(approver, {}, true, '', { kind: 'system', id: 's' })).toMatchObject(refusedToAll);
    expect(decide(approver, {})).toMatchObject({ value: [{ body: { approverId: approver } }] });
    expect(decide(approver, { askedBy: null })).toMatchObject({ ok: true });
  });

  test('what is decided, or past its last day, is not approved; a refusal says why', () => {
    expect(decide(approver, { state: 'ended' })).toMatchObject({
      refusal: { code: 'decisionNotOpen' },
    });
    expect(decide(approver, { until: context.now })).toMatchObject({
      refusal: { code: 'untilPast' },
    });
    expect(decide(approver, {}, false)).toMatchObject({ refusal: { code: 'noteMissing' } });
    expect(decide(approver, { until: context.now }, false, 'no')).toMatchObject({ ok: true });
  });

  test('is withdrawn by who asked, or by an officer; what holds opens the item again', () => {
    const withdraw = (callerId: string, decides: boolean, state = 'asked') =>
      decideWithdrawal(
        { decision: { ...decision, state }, callerId, decides },
        { id: decision.id },
        context,
      );
    expect(withdraw(approver, false)).toMatchObject({ refusal: { code: 'notYourDecision' } });
    expect(withdraw(asker, false)).toMatchObject({ value: [{ reopened: [] }] });
    expect(withdraw(approver, true, 'approved')).toMatchObject({ value: [{ reopened: [item] }] });
    expect(withdraw(asker, true, 'expired')).toMatchObject({
      refusal: { code: 'decisionNotOpen' },
    });
  });

  test('what ran out is one event, and nothing where nothing did', () => {
    expect(decideExpiry({ expired: [], evidenceOf }, {}, context)).toEqual({ ok: true, value: [] });
    expect(decideExpiry({ expired: [decision], evidenceOf }, {}, context)).toMatchObject({
      value: [{ type: 'DecisionsExpired', body: { count: 1 }, reopened: [item] }],
    });
  });
});

describe('classes', () => {
  const requirements = { confidentiality: 2, integrity: 2, availability: 2 };
  const classOf = (vector: string | null, severity: 'critical' | 'high' | 'low' | 'unknown') =>
    rate({ vector, severity, requirements }, policy);

  test('come from the vector, else from the word, else from nobody', () => {
    expect(classOf('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 'low')).toEqual({
      score: 9.8,
      class: 'critical',
    });
    expect(classOf(null, 'high')).toEqual({ score: 7, class: 'high' });
    expect(classOf('no vector', 'low')).toEqual({ score: 0.1, class: 'low' });
    expect(classOf(null, 'unknown')).toEqual({ score: null, class: 'unrated' });
    expect(classOf('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 'high').class).toBe('none');
  });

  test('have days; what nobody rated those of medium, what endangers nothing the most', () => {
    expect(
      ['critical', 'medium', 'unrated', 'none'].map((each) => daysOf(each as 'none', policy)),
    ).toEqual([7, 90, 90, 180]);
  });

  test('a policy whose classes are out of order is none', () => {
    const texts = { textEn: 'a', textJa: 'b' };
    expect(patchPolicy.safeParse({ ...policy, ...texts }).success).toBe(true);
    const [critical, high, medium, low] = policy.classes;
    for (const classes of [
      [high, critical, medium, low],
      [{ ...critical, fromScore: 6 }, high, medium, low],
      [{ ...critical, days: 31 }, high, medium, low],
      [critical, high, medium],
    ])
      expect(patchPolicy.safeParse({ ...policy, ...texts, classes }).success).toBe(false);
  });
});

describe('the version that clears', () => {
  const about = (...events: ({ introduced: string } | { fixed: string })[]) => ({
    package: { ecosystem: 'npm', name: 'sample' },
    ranges: [{ type: 'SEMVER' as const, events }],
  });
  const first = about({ introduced: '0' }, { fixed: '1.2.0' });
  const second = about({ introduced: '0' }, { fixed: '1.5.0' });
  const unfixed = about({ introduced: '1.0.0' });
  const fix = (versions: string[], open: (typeof first)[], known = open) =>
    fixVersionOf({ ecosystem: 'npm', versions, open, known });

  test('is the smallest above all that is in use that none of the open ones affects', () => {
    expect(fix(['1.0.0'], [first])).toBe('1.2.0');
    expect(fix(['1.0.0'], [first, second])).toBe('1.5.0');
    expect(fix(['1.0.0', '0.9.0'], [first])).toBe('1.2.0');
    expect(fix(['1.0.0'], [first, unfixed])).toBeNull();
    expect(fix(['1.0.0'], [])).toBeNull();
  });

  test('is rather one that no known advisory affects, where there is one', () => {
    const worse = about({ introduced: '1.2.0' }, { fixed: '1.3.1' });
    expect(fix(['1.0.0'], [first], [first, worse])).toBe('1.3.1');
    expect(fix(['1.0.0'], [first], [first, about({ introduced: '1.1.0' })])).toBe('1.2.0');
  });

  test('costs no square of what is known of a package', () => {
    const many = Array.from({ length: 3000 }, (_, n) =>
      about({ introduced: '0' }, { fixed: `1.${n + 1}.0` }),
    );
    const before = process.cpuUsage().user;
    expect(fix(['1.0.0'], many.slice(0, 1500), many)).toBe('1.3000.0');
    // Thousands of milliseconds, where each candidate asks all of them.
    expect((process.cpuUsage().user - before) / 1000).toBeLessThan(1000);
  });
});
