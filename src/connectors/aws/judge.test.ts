import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NotAPolicy, parsePolicy } from './document.ts';
import { contains, matches } from './glob.ts';
import { judge, onlyReads, within } from './judge.ts';

type Written = Readonly<Record<string, unknown>>;

const policy = (...statements: readonly Written[]) =>
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
const allow = (Action: unknown, Resource: unknown = '*', more: Written = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: unknown, Resource: unknown = '*', more: Written = {}) => ({
  ...allow(Action, Resource, more),
  Effect: 'Deny',
});
const judged = (...statements: readonly Written[]) => judge([policy(...statements)]);

const all = ['administrator', 'wildcardAction', 'wildcardResource'];
const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };
const byTag = { Condition: { StringEquals: { 'aws:ResourceTag/team': 'red' } } };

describe('ACC-4: what a policy allows too much of', () => {
  const table: readonly (readonly [string, readonly Written[], readonly string[]])[] = [
    ['everything on everything', [allow('*')], all],
    ['everything, spelt with a service', [allow('*:*')], all],
    ['everything on every ARN', [allow('*', 'arn:aws:*:*:*:*')], all],
    ['everything where a second factor is present', [allow('*', '*', mfa)], all],
    ['everything but nothing', [{ Effect: 'Allow', NotAction: [], Resource: '*' }], all],
    [
      'everything but IAM',
      [{ Effect: 'Allow', NotAction: ['iam:*'], Resource: '*' }],
      ['wildcardAction', 'wildcardResource'],
    ],
    [
      'everything with IAM denied',
      [allow('*'), deny('iam:*')],
      ['wildcardAction', 'wildcardResource'],
    ],
    [
      'everything, with IAM denied without a second factor',
      [allow('*'), deny('iam:*', '*', mfa)],
      all,
    ],
    ['everything, all of it denied', [allow('*'), deny('*')], []],
    [
      'everything of a service on one bucket',
      [allow('s3:*', 'arn:aws:s3:::a/*')],
      ['wildcardAction'],
    ],
    ['actions of a service in capitals', [allow('S3:*', 'arn:aws:s3:::a')], ['wildcardAction']],
    ['a wildcard within a name', [allow('s3:Put*', 'arn:aws:s3:::a')], []],
    ['writing to everything', [allow('s3:PutObject')], ['wildcardResource']],
    ['writing to every bucket', [allow('s3:PutObject', 'arn:aws:s3:::*')], ['wildcardResource']],
    ['writing to what lies in a bucket', [allow('s3:PutObject', 'arn:aws:s3:::a/*')], []],
    ['reading everything', [allow(['s3:GetObject', 's3:List*', 'ec2:Describe*'])], []],
    ['writing to what carries a tag', [allow('ec2:StopInstances', '*', byTag)], []],
    [
      'writing to everything but one',
      [{ Effect: 'Allow', Action: 's3:PutObject', NotResource: 'arn:aws:s3:::a' }],
      ['wildcardResource'],
    ],
    [
      'writing to everything, part of which is denied',
      [allow('s3:PutObject'), deny('s3:PutObject', 'arn:aws:s3:::a/*')],
      ['wildcardResource'],
    ],
    ['one action, denied by a pattern', [allow('s3:PutObject'), deny('s3:Put*')], []],
    [
      'one action, with all but another service denied',
      [allow('s3:PutObject'), { Effect: 'Deny', NotAction: 'ec2:*', Resource: '*' }],
      [],
    ],
    [
      'one action that the denial leaves out',
      [allow('s3:PutObject'), { Effect: 'Deny', NotAction: 's3:*', Resource: '*' }],
      ['wildcardResource'],
    ],
  ];
  test.each(table)('%s', (_what, statements, risks) => {
    expect(judged(...statements).risks).toEqual(risks);
  });

  test('a denial in another document counts as one in the same', () => {
    expect(judge([policy(allow('*')), policy(deny('*'))]).risks).toEqual([]);
  });

  test('a boundary leaves what both allow', () => {
    const administrator = judged(allow('*'));
    expect(within(administrator, judged(allow('s3:GetObject')))).toMatchObject({
      risks: [],
      privileged: false,
    });
    expect(within(administrator, administrator).risks).toEqual(all);
  });

  test.each([
    ['iam:AttachUserPolicy', '*', true],
    ['iam:*', 'arn:aws:iam::111122223333:role/app-*', true],
    ['iam:Create*', '*', true],
    ['iam:PassRole', '*', true],
    ['iam:PassRole', 'arn:aws:iam::111122223333:role/app', false],
    ['iam:CreateAccessKey', 'arn:aws:iam::*:user/${aws:username}', false],
    ['iam:GetUser', '*', false],
    ['sso:CreateAccountAssignment', '*', true],
    ['s3:*', '*', false],
  ])('%s on %s is privileged: %s', (action, resource, privileged) => {
    expect(judged(allow(action, resource)).privileged).toBe(privileged);
  });

  test('NotAction spares what it names from being an escalation', () => {
    const but = (...NotAction: readonly string[]) =>
      judged({ Effect: 'Allow', NotAction, Resource: '*' }).privileged;
    expect(but('ec2:*')).toBe(true);
    expect(but('iam:*', 'sso:*', 'identitystore:*', 'sts:*')).toBe(false);
  });

  test('roles that a policy names as to be assumed are known, those of an administrator are not', () => {
    const role = 'arn:aws:iam::111122223333:role/deploy';
    expect(judged(allow('sts:AssumeRole', role), allow('*')).assumes).toEqual([role]);
    expect(judged(allow('sts:AssumeRole', role), deny('sts:*')).assumes).toEqual([]);
  });

  test.each([
    ['s3:GetObject', true],
    ['ec2:Describe*', true],
    ['s3:*', false],
    ['s3:G*', false],
    ['s3:PutObject', false],
    ['dynamodb:BatchGetItem', true],
    ['dynamodb:BatchWriteItem', false],
    ['iam:PassRole', false],
  ])('%s only reads: %s', (action, reads) => {
    expect(onlyReads(action)).toBe(reads);
  });
});

describe('documents', () => {
  test('are read as IAM answers them, percent-encoded', () => {
    const text = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });
    expect(parsePolicy(encodeURIComponent(text))).toEqual(parsePolicy(text));
  });

  test.each([
    '',
    '{',
    '[]',
    '"x"',
    '{"Statement":[{"Effect":"Perhaps","Action":"*"}]}',
    '{"Statement":[{"Effect":"Allow"}]}',
    '{"Statement":{"Effect":"Allow","Action":[1]}}',
    '%',
  ])('that do not follow the grammar are said to be none: %s', (text) => {
    expect(() => parsePolicy(text)).toThrow(NotAPolicy);
  });

  test('whatever the text, it is a policy or said to be none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parsePolicy(text);
        } catch (error) {
          expect(error).toBeInstanceOf(NotAPolicy);
        }
      }),
    );
  });
});

/** Patterns and texts over few letters, so that they often meet. */
const letters = fc.constantFrom('a', 'b', ':', '/');
const pattern = fc
  .array(fc.oneof(letters, fc.constantFrom('*', '?')), { maxLength: 7 })
  .map((all) => all.join(''));

describe('patterns', () => {
  test('match what a regular expression of the same meaning matches', () => {
    const text = fc.array(letters, { maxLength: 8 }).map((all) => all.join(''));
    fc.assert(
      fc.property(pattern, text, (glob, subject) => {
        const expression = glob.replaceAll('/', '\\/').replaceAll('*', '.*').replaceAll('?', '.');
        expect(matches(glob, subject)).toBe(new RegExp(`^${expression}$`).test(subject));
      }),
      { numRuns: 2000 },
    );
  });

  test('that contain another match all that it matches', () => {
    const fillings = fc.array(fc.array(letters, { maxLength: 3 }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(pattern, pattern, fillings, (wide, narrow, filled) => {
        let at = 0;
        const example = narrow.replace(/[*?]/g, (sign) => {
          const some = (filled[at++] ?? []).join('');
          return sign === '*' ? some : (some[0] ?? 'a');
        });
        expect(matches(narrow, example)).toBe(true);
        if (contains(wide, narrow)) expect(matches(wide, example)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test('contain themselves, and everything is contained in a star', () => {
    fc.assert(fc.property(pattern, (glob) => contains(glob, glob) && contains('*', glob)));
  });

  test('of any shape are tried in little time', () => {
    expect(matches(`${'*a'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
  });
});

const action = fc.constantFrom(
  '*',
  's3:*',
  's3:Put*',
  's3:PutObject',
  's3:GetObject',
  'iam:*',
  'iam:PassRole',
  'sts:AssumeRole',
  'ec2:Describe*',
);
const resource = fc.constantFrom(
  '*',
  'arn:aws:s3:::*',
  'arn:aws:s3:::a/*',
  'arn:aws:iam::111122223333:role/x',
);
const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    actions: fc.array(action, { minLength: 1, maxLength: 3 }),
    notAction: fc.boolean(),
    resources: fc.array(resource, { minLength: 1, maxLength: 2 }),
    notResource: fc.boolean(),
    conditioned: fc.boolean(),
  })
  .map(
    (it): Written => ({
      Effect: it.Effect,
      [it.notAction ? 'NotAction' : 'Action']: it.actions,
      [it.notResource ? 'NotResource' : 'Resource']: it.resources,
      ...(it.conditioned ? mfa : {}),
    }),
  );
const statements = fc.array(statement, { maxLength: 5 });

describe('judgement, whatever the policy', () => {
  const found = (list: readonly Written[]) => new Set<string>(judged(...list).risks);

  test('one more allowance takes no risk away, one more denial adds none', () => {
    fc.assert(
      fc.property(statements, statement, (list, one) => {
        const [before, after] = [found(list), found([...list, one])];
        if (one['Effect'] === 'Allow') expect(after).toEqual(after.union(before));
        else expect(before).toEqual(before.union(after));
      }),
      { numRuns: 2000 },
    );
  });

  test('neither the order of statements nor their division into documents matters', () => {
    fc.assert(
      fc.property(statements, (list) => {
        const apart = judge(list.toReversed().map((one) => policy(one)));
        expect(new Set(apart.risks)).toEqual(found(list));
        expect(apart.privileged).toBe(judged(...list).privileged);
      }),
    );
  });

  test('an administrator has wildcards too, and is privileged', () => {
    fc.assert(
      fc.property(statements, (list) => {
        const { risks, privileged } = judged(...list);
        if (risks.includes('administrator')) {
          expect(risks).toContain('wildcardAction');
          expect(risks).toContain('wildcardResource');
          expect(privileged).toBe(true);
        }
      }),
    );
  });

  test('without an allowance there is no risk', () => {
    fc.assert(
      fc.property(statements, (list) => {
        const denials = list.map((one) => ({ ...one, Effect: 'Deny' }));
        expect(judged(...denials)).toEqual({ risks: [], privileged: false, assumes: [] });
      }),
    );
  });
});
