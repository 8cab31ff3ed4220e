import { sql } from 'kysely';
import nodemailer from 'nodemailer';
import { Fault } from '../../kernel/fault.ts';
import { fill, type Language } from '../../kernel/language.ts';
import type { Effect } from '../../policy/event.ts';
import type { Dictionary } from '../words.ts';
import type { World } from '../world.ts';

export interface MailSettings {
  readonly smtpUrl: string;
  readonly from: string;
}

interface Recipient {
  readonly name: string;
  readonly email: string | null;
  readonly language: Language;
}

/**
 * Delivers a mail in its recipient's language. Name and address are read now, not when the mail was
 * enqueued: whoever was erased or has no address gets none.
 *
 * @throws Fault, retryable, where the mail server does not take it
 */
export function mailer(
  world: World,
  words: Dictionary,
  settings: MailSettings,
): (effect: Effect) => Promise<void> {
  const transport = nodemailer.createTransport(settings.smtpUrl);
  return async (effect) => {
    const { rows } = await sql<Recipient>`
      select name, email, language from person where id = ${effect.to} and erased_at is null`.execute(
      world.database.db,
    );
    const [to] = rows;
    if (!to?.email) return;
    const { subject, text } = composed(world, words, effect, to);
    try {
      await transport.sendMail({
        from: settings.from,
        to: { name: to.name, address: to.email },
        subject,
        text,
      });
    } catch (cause) {
      throw new Fault('the mail server did not take the mail', { cause, retryable: true });
    }
  };
}

/** Template `access.reviewReminder` stands in the words of the clause `access` under `mail.reviewReminder`. */
function composed(
  world: World,
  words: Dictionary,
  effect: Effect,
  to: Recipient,
): { subject: string; text: string } {
  const [clause = '', name = ''] = effect.template.split('.');
  const say = (part: string): string => {
    const room = `clauses/${clause}`;
    const found =
      words.find(to.language, room, `mail.${name}.${part}`) ??
      words.find(to.language, `registers/${clause}`, `mail.${name}.${part}`);
    if (!found)
      throw new Fault(`no words for the mail ${effect.template}.${part}`, { retryable: false });
    // What a thing is called in each language is its `title` in the sentence.
    const title = effect.params[to.language] ?? '';
    return fill(found, { title, ...effect.params, name: to.name });
  };
  return { subject: say('subject'), text: `${say('text')}\n\n${world.url}${effect.path}\n` };
}
