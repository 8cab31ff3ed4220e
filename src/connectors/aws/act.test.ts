import { describe, expect, test } from 'vitest';
import { aws } from './connector.ts';
import { denied, FakeError, fakeAws, linkTo } from './fake.ts';

const home = '111122223333';

describe('orders', () => {
  const alice = `arn:aws:iam::${home}:user/alice`;
  test.each([
    ['who may assume a role', alice, `arn:aws:iam::${home}:role/Deploy`],
    ['the root user', `arn:aws:iam::${home}:root`, `arn:aws:iam::${home}:root`],
    ['a name of something else', alice, 'group of example'],
  ])('that AWS cannot carry out are refused for good: %s', async (_what, account, target) => {
    const act = aws.carryOut(linkTo(fakeAws({})), { act: 'removeHeld', account, target });
    await expect(act).rejects.toMatchObject({ code: 'actUnsupported' });
  });

  test('that AWS refuses say which permission is missing', async () => {
    const fake = fakeAws({ DetachUserPolicy: () => denied('iam:DetachUserPolicy') });
    const act = { act: 'removeHeld', account: alice, target: 'arn:aws:iam::aws:policy/X' } as const;
    await expect(aws.carryOut(linkTo(fake), act)).rejects.toThrow('iam:DetachUserPolicy');
  });

  test('for what is already gone are carried out', async () => {
    const fake = fakeAws({ DetachUserPolicy: () => new FakeError(404, 'NoSuchEntity', 'gone') });
    const act = { act: 'removeHeld', account: alice, target: 'arn:aws:iam::aws:policy/X' } as const;
    await expect(aws.carryOut(linkTo(fake), act)).resolves.toBeUndefined();
  });
});
