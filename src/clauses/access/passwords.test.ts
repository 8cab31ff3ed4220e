import { describe, expect, test } from 'vitest';
import { minCharacters, passwordFault } from '../../platform/identity/password.ts';

const person = { name: 'Ada Example', email: 'ada@example.com', organisation: 'Example' };

describe('ACC-2: localPasswordsAreStrong', () => {
  test.each([
    ['short', 'x7#Lq9', 'passwordTooShort'],
    ['of what everybody tries first', 'password2026!!', 'passwordGuessable'],
    ['of what one knows of its owner', 'ada.example.2026', 'passwordGuessable'],
    ['long, and of nobody', 'quiet-harbour-lantern', null],
  ])('a password that is %s', (_what, password, fault) => {
    expect(passwordFault(password, person)).toBe(fault);
  });

  test('no less than what is asked of other systems that refuse known passwords', () => {
    expect(minCharacters).toBeGreaterThanOrEqual(8);
  });
});
