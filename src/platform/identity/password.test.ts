import { expect, test } from 'vitest';
import { type PasswordFault, passwordFault } from './password.ts';

const person = {
  name: 'Hanako Yamada 山田花子',
  email: 'hanako.yamada@example.com',
  organisation: 'Example Engineering',
};

test.each<[string, PasswordFault | null]>([
  ['', 'passwordTooShort'],
  ['short enough', null],
  ['elevenchars', 'passwordTooShort'],
  ['marmot juggles nine teacups', null],
  ['k7Qz!vB2mWx9', null],
  ['839201748362', null],
  ['夜明けの港で汽笛が三度鳴る', null],
  ['x'.repeat(257), 'passwordTooLong'],
  ['aaaaaaaaaaaa', 'passwordGuessable'],
  ['abcabcabcabc', 'passwordGuessable'],
  ['password1234', 'passwordGuessable'],
  ['Password2026!!', 'passwordGuessable'],
  ['P@ssw0rd12345', 'passwordGuessable'],
  ['qwertyuiop[]', 'passwordGuessable'],
  ['1234567890123', 'passwordGuessable'],
  ['letmeinnow2026', 'passwordGuessable'],
  ['HanakoYamada1', 'passwordGuessable'],
  ['yamada-example-99', 'passwordGuessable'],
  ['山田花子山田花子山田花子', 'passwordGuessable'],
  ['ｐａｓｓｗｏｒｄ２０２６', 'passwordGuessable'],
  ['correcthorsebatterystaple', 'passwordGuessable'],
])('%s', (password, fault) => {
  expect(passwordFault(password, person)).toBe(fault);
});

test('characters are counted as people count them', () => {
  expect(passwordFault('🦫🦦🦥🦨🦡🦔🐿🦝🦇🐁🐀🦌', person)).toBeNull();
  expect(passwordFault('🦫🦦🦥🦨🦡🦔', person)).toBe('passwordTooShort');
});
