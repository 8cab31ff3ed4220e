/**
 * What a password must be, after NIST SP 800-63B, section 3.1.1.2: long enough, and not one that
 * anybody would guess; no rules of composition. Pure.
 */
export const minCharacters = 12;
export const maxCharacters = 256;

/** What must be left once everything guessable is taken out. */
const minUnguessable = 6;

export type PasswordFault = 'passwordTooShort' | 'passwordTooLong' | 'passwordGuessable';

/**
 * Words that guessers try first, and that people build long passwords from. The list is short
 * because a password is judged by what remains when they are removed, not by whether it equals one.
 */
const commonest = [
  'password',
  'passwort',
  'passphrase',
  'passw0rd',
  'p@ssw0rd',
  'p@ssword',
  'pa55word',
  'contrasena',
  'qwertyuiop',
  'qwertyui',
  'qwerty',
  'qwertz',
  'azerty',
  'asdfghjkl',
  'asdfgh',
  'asdf',
  'zxcvbnm',
  'zxcv',
  '1qaz2wsx',
  '1q2w3e4r5t',
  '1q2w3e4r',
  'qazwsx',
  'q1w2e3r4',
  'abcdefgh',
  'abcdef',
  'abcd1234',
  'abc123',
  'abcd',
  '1234567890',
  '123456789',
  '12345678',
  '1234567',
  '123456',
  '12345',
  '1234',
  '0987654321',
  '987654321',
  '111111',
  '000000',
  '121212',
  '123123',
  '112233',
  '654321',
  '666666',
  '696969',
  '888888',
  'iloveyou',
  'letmein',
  'letmeinnow',
  'welcome',
  'trustno1',
  'changeme',
  'default',
  'secret',
  'administrator',
  'admin',
  'root',
  'guest',
  'login',
  'master',
  'access',
  'security',
  'superman',
  'batman',
  'starwars',
  'pokemon',
  'dragon',
  'monkey',
  'shadow',
  'sunshine',
  'princess',
  'football',
  'baseball',
  'liverpool',
  'chelsea',
  'arsenal',
  'computer',
  'internet',
  'whatever',
  'michael',
  'jennifer',
  'charlie',
  'summer',
  'winter',
  'spring',
  'autumn',
  'january',
  'february',
  'october',
  'november',
  'december',
  'monday',
  'sakura',
  'himitsu',
  'aishiteru',
  'doraemon',
  'correcthorsebatterystaple',
  'company',
  'corporate',
  'kept',
  'test',
  'temp',
  'demo',
  'user',
  'love',
  'hello',
] as const;

/** Things about a person that someone who knows them would try. */
export interface PasswordContext {
  readonly name: string;
  readonly email: string;
  readonly organisation: string;
}

/**
 * Why a password cannot be taken; null where it can. Characters are counted as people do (code
 * points, after NFKC), so 12 kanji are 12.
 */
export function passwordFault(password: string, context: PasswordContext): PasswordFault | null {
  const normalised = password.normalize('NFKC');
  const characters = [...normalised].length;
  if (characters < minCharacters) return 'passwordTooShort';
  if (characters > maxCharacters) return 'passwordTooLong';
  return isGuessable(normalised, context) ? 'passwordGuessable' : null;
}

function isGuessable(password: string, context: PasswordContext): boolean {
  const guessed = [...commonest, ...wordsOf(context)].sort((a, b) => b.length - a.length);
  let rest = password.toLowerCase();
  for (const word of guessed) rest = rest.replaceAll(word, ' ');
  // Years, counts and the exclamation mark at the end are what every guesser appends.
  rest = rest.replace(/\d{1,4}(?!\d)/g, ' ').replace(/[\s!?.,;:_\-+*#@$%&/()]/g, '');
  return new Set(rest).size < minUnguessable;
}

/** Name, address and organisation in the pieces people use: at least four characters, two in kanji. */
function wordsOf({ name, email, organisation }: PasswordContext): string[] {
  return `${name} ${email} ${organisation}`
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= 4 || /^[^\p{ASCII}]{2,}$/u.test(word));
}
