import { describe, expect, test } from 'vitest';
import { canMove, columnIds, type Mover } from './page.moves.ts';

const engineer: Mover = { id: 'e', mayWork: true, mayAsk: true, mayDecide: false };
const officer: Mover = { id: 'o', mayWork: true, mayAsk: true, mayDecide: true };
const auditor: Mover = { id: 'a', mayWork: false, mayAsk: false, mayDecide: false };

const asked = (kind: 'notAffected' | 'accepted', by: string) => ({
  decision: {
    id: 'd',
    kind,
    state: 'asked' as const,
    until: '2027-01-01T00:00:00Z',
    askedBy: { id: by, name: by },
  },
});
const plain = { decision: null };

describe('moves on the board', () => {
  test('nothing leads to fixed, and nothing out of it', () => {
    for (const mover of [engineer, officer, auditor]) {
      for (const item of [plain, asked('accepted', 'e'), asked('notAffected', 'o')]) {
        for (const column of columnIds) {
          expect(canMove(item, column, 'fixed', mover)).toBe(false);
          expect(canMove(item, 'fixed', column, mover)).toBe(false);
        }
      }
    }
  });

  test.each([
    ['an engineer begins', plain, 'open', 'working', engineer, true],
    ['an auditor does not', plain, 'open', 'working', auditor, false],
    ['an engineer asks', plain, 'working', 'asked', engineer, true],
    ['nobody decides what was not asked for', plain, 'open', 'accepted', officer, false],
    ['an officer approves', asked('accepted', 'e'), 'asked', 'accepted', officer, true],
    ['as what it was asked for', asked('accepted', 'e'), 'asked', 'notAffected', officer, false],
    ['not their own', asked('accepted', 'o'), 'asked', 'accepted', officer, false],
    ['an engineer approves nothing', asked('accepted', 'o'), 'asked', 'accepted', engineer, false],
    ['who asked takes it back', asked('accepted', 'e'), 'asked', 'open', engineer, true],
    ['another engineer does not', asked('accepted', 'x'), 'asked', 'open', engineer, false],
  ] as const)('%s', (_, item, from, to, mover, expected) => {
    expect(canMove(item, from, to, mover)).toBe(expected);
  });
});
