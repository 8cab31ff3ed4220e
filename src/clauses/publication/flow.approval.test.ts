import { describe, expect, it } from 'vitest';
import type { Actor } from '../../kernel/actor.ts';
import type { Context } from '../../policy/event.ts';
import type { ApprovalCommand, Ask, ClauseText, Version } from './facts.ts';
import { digestOf } from './facts.version.ts';
import { type ApprovalState, decideApproval } from './flow.approval.ts';

const officer: Actor = {
  kind: 'person',
  id: '00000000-0000-7000-8000-000000000001',
  roles: ['security-officer'],
  secondFactor: true,
  language: 'en',
};
const author = '00000000-0000-7000-8000-000000000002';
const id = '00000000-0000-7000-8000-00000000000a';

// Nine in the evening of 4 March in UTC: already 5 March in Tokyo.
const context: Context = {
  now: Temporal.Instant.from('2026-03-04T21:00:00Z'),
  actor: officer,
  zone: 'Asia/Tokyo',
  newId: () => id,
};

function texts(...promises: string[]): ClauseText[] {
  const marks = promises.map((promise) => `:promise[we keep ${promise}]{#${promise}}.`).join(' ');
  return (['en', 'ja'] as const).map((language) => ({
    clause: 'access',
    language,
    markdown: `# Access\n\n${marks || 'Nothing.'}\n`,
  }));
}

function version(
  state: Version['state'],
  of: readonly ClauseText[],
  more: Partial<Version> = {},
): Version {
  return {
    id,
    number: 2,
    state,
    origin: 'published',
    effectiveOn: null,
    digest: digestOf(of),
    languages: ['en', 'ja'],
    ask: null,
    ...more,
  };
}

const before = texts('ACC-1', 'ACC-2');
const inForce = {
  version: version('published', before, { id: 'before', number: 1 }),
  texts: before,
};

function state(of: readonly ClauseText[], more: Partial<ApprovalState> = {}): ApprovalState {
  return {
    version: version('proposed', of),
    texts: of,
    inForce,
    authors: [author],
    languages: ['en', 'ja'],
    asked: [],
    ...more,
  };
}

function approve(
  of: readonly ClauseText[],
  ask: Ask,
  removedPromises: string[] = [],
): ApprovalCommand {
  return { do: 'approve', versionId: id, digest: digestOf(of), ask, removedPromises };
}

const everyone: Ask = { kind: 'everyone' };
const more = texts('ACC-1', 'ACC-2', 'ACC-3');
const fewer = texts('ACC-1');

describe('proposing', () => {
  const draft = (of: readonly ClauseText[]) =>
    state(of, { version: version('draft', of, { digest: null }) });
  const propose: ApprovalCommand = {
    do: 'propose',
    versionId: id,
    effectiveOn: null,
    summary: { en: ' ' },
  };
  const refusals: readonly [what: string, of: ApprovalState, code: string][] = [
    ['what is proposed already', state(more), 'notADraft'],
    ['the text that is in force', draft(before), 'nothingChanged'],
    ['a text that lacks a language', draft(more.slice(0, 1)), 'textHasProblems'],
    [
      'a promise marked in one language only',
      draft([...texts('ACC-1').slice(0, 1), ...more.slice(1)]),
      'textHasProblems',
    ],
    ['nothing at all', draft([]), 'textHasProblems'],
  ];
  it.each(refusals)('refuses %s', (_what, of, code) => {
    expect(decideApproval(of, propose, context)).toMatchObject({ ok: false, refusal: { code } });
  });

  it('takes one language where the organisation publishes one', () => {
    const single = { ...draft(more.slice(0, 1)), languages: ['en'] } as const;
    expect(decideApproval(single, propose, context)).toMatchObject({ ok: true });
  });

  it('fixes the digest of the text', () => {
    const decided = decideApproval(draft(more), propose, context);
    expect(decided).toMatchObject({
      ok: true,
      value: [{ type: 'PolicyProposed', body: { digest: digestOf(more) } }],
    });
  });
});

describe('approving (PUB-1)', () => {
  const only = (roles: string[]): Ask => ({
    kind: 'changed',
    concerned: [{ clause: 'access', roles: roles as [], departments: [] }],
  });
  const refusals: readonly [
    what: string,
    of: ApprovalState,
    command: ApprovalCommand,
    code: string,
  ][] = [
    [
      'a text other than the one that was read',
      state(more),
      { ...approve(more, everyone), digest: 'f'.repeat(64) } as ApprovalCommand,
      'textChanged',
    ],
    ['a removal that nobody named', state(fewer), approve(fewer, everyone), 'removedNotNamed'],
    [
      'a removal of which another was named',
      state(fewer),
      approve(fewer, everyone, ['ACC-1']),
      'removedNotNamed',
    ],
    [
      'names of promises that stay',
      state(more),
      approve(more, everyone, ['ACC-1']),
      'removedNotNamed',
    ],
    [
      'a first policy that does not ask everyone',
      state(more, { inForce: null }),
      approve(more, { kind: 'nobody', reason: 'x' }),
      'everyoneFirst',
    ],
    [
      'a correction that adds a promise',
      state(more),
      approve(more, { kind: 'nobody', reason: 'typo' }),
      'notACorrection',
    ],
    [
      'a changed clause that nobody judged',
      state(more),
      approve(more, { kind: 'changed', concerned: [] }),
      'concernMissing',
    ],
    [
      'what is no proposal',
      state(more, { version: version('draft', more) }),
      approve(more, everyone),
      'notProposed',
    ],
    [
      'another version than the one that is open',
      state(more, { version: null }),
      approve(more, everyone),
      'versionNotFound',
    ],
  ];
  it.each(refusals)('refuses %s', (_what, of, command, code) => {
    expect(decideApproval(of, command, context)).toMatchObject({ ok: false, refusal: { code } });
  });

  it('authorDoesNotApprove: whoever had a hand in it cannot approve it', () => {
    const decided = decideApproval(
      state(more, { authors: [officer.id, author] }),
      approve(more, everyone),
      context,
    );
    expect(decided).toMatchObject({
      ok: false,
      refusal: { code: 'authorApproves', guard: 'PUB-1' },
    });
  });

  it('lets nobody approve who is not a person', () => {
    const decided = decideApproval(state(more), approve(more, everyone), {
      ...context,
      actor: { kind: 'system', id: 'tick' },
    });
    expect(decided).toMatchObject({ ok: false, refusal: { code: 'needsPerson' } });
  });

  it('publishes at once where the day has come in the zone of the organisation', () => {
    const today = version('proposed', more, { effectiveOn: Temporal.PlainDate.from('2026-03-05') });
    const decided = decideApproval(
      state(more, { version: today }),
      approve(more, everyone),
      context,
    );
    expect(decided.ok && decided.value.map((event) => event.type)).toEqual([
      'PolicyApproved',
      'PolicyPublished',
    ]);
  });

  it('waits for a later day', () => {
    const later = version('proposed', more, { effectiveOn: Temporal.PlainDate.from('2026-03-06') });
    const decided = decideApproval(
      state(more, { version: later }),
      approve(more, only(['engineer'])),
      context,
    );
    expect(decided.ok && decided.value.map((event) => event.type)).toEqual(['PolicyApproved']);
  });

  it('says loudly which promises are gone', () => {
    const decided = decideApproval(state(fewer), approve(fewer, everyone, ['ACC-2']), context);
    expect(decided).toMatchObject({
      ok: true,
      value: [
        { body: { promisesRemoved: ['ACC-2'] } },
        { type: 'PolicyPublished', body: { promisesRemoved: ['ACC-2'], promisesAdded: [] } },
      ],
    });
  });

  it('asks those whom the approver chose, and records who they are as a digest', () => {
    const asked = [{ personId: author, dueAt: Temporal.Instant.from('2026-03-19T15:00:00Z') }];
    const decided = decideApproval(state(more, { asked }), approve(more, everyone), context);
    expect(decided.ok && decided.value.at(-1)).toMatchObject({
      type: 'AcknowledgementsAsked',
      body: { people: 1, because: 'published', listBlob: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});

describe('after the approval', () => {
  const approved = version('approved', more, {
    effectiveOn: Temporal.PlainDate.from('2026-03-06'),
    ask: everyone,
  });

  it('does nothing before the day', () => {
    expect(
      decideApproval(
        state(more, { version: approved }),
        { do: 'publishDue', versionId: id },
        context,
      ),
    ).toEqual({ ok: true, value: [] });
  });

  it('publishes on the day, and only once', () => {
    const onTheDay = { ...context, now: Temporal.Instant.from('2026-03-05T15:00:00Z') };
    const due = decideApproval(
      state(more, { version: approved }),
      { do: 'publishDue', versionId: id },
      onTheDay,
    );
    expect(due).toMatchObject({
      ok: true,
      value: [{ type: 'PolicyPublished', body: { effectiveOn: '2026-03-06' } }],
    });
    const again = state(more, { version: { ...approved, state: 'published' } });
    expect(decideApproval(again, { do: 'publishDue', versionId: id }, onTheDay)).toEqual({
      ok: true,
      value: [],
    });
  });

  it('can be published sooner, or taken back', () => {
    expect(
      decideApproval(
        state(more, { version: approved }),
        { do: 'publishNow', versionId: id },
        context,
      ),
    ).toMatchObject({
      ok: true,
      value: [{ type: 'PolicyPublished', body: { effectiveOn: '2026-03-05' } }],
    });
    expect(
      decideApproval(
        state(more, { version: approved }),
        { do: 'withdraw', versionId: id },
        context,
      ),
    ).toMatchObject({
      ok: true,
      value: [{ type: 'ProposalWithdrawn' }],
    });
  });
});
