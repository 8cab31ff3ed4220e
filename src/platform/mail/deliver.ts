import { sql } from 'kysely';
import type { Transporter } from 'nodemailer';
import { Fault } from '../../kernel/fault.ts';
import { fill, type Language } from '../../kernel/language.ts';
import type { Effect } from '../../policy/event.ts';
import { dateText } from '../../policy/reason.ts';
import type { Dictionary } from '../words.ts';
import type { World } from '../world.ts';
import { openPath } from './path.ts';

export interface MailSettings {
  readonly smtpUrl: string;
  readonly from: string;
}

interface Recipient {
  readonly name: string;
  readonly email: string | null;
  readonly language: Language;
  /** What the account is called, where the recipient is a contact of one. */
  readonly customer?: string;
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
  let transport: Promise<Transporter> | undefined;
  return async (effect) => {
    const to = await recipientOf(world, effect);
    if (!to?.email) return;
    const { subject, text } = composed(world, words, effect, await withNames(world, to));
    try {
      transport ??= transportTo(settings.smtpUrl);
      await (await transport).sendMail({
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

/** Loaded with the first mail. */
async function transportTo(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport(url);
}

/** Who gets it, as known now; null where nobody does any more. */
async function recipientOf({ database }: World, effect: Effect): Promise<Recipient | null> {
  const { kind, to } = effect;
  const formerly = kind === 'customerMail' && effect.formerly === true;
  const { rows } =
    kind === 'mail'
      ? await sql<Recipient>`
          select name, email, language from person
          where id = ${to} and erased_at is null`.execute(database.db)
      : await sql<Recipient>`
          select contact.name, case when ${formerly} then contact.former_email else contact.email end as email,
            contact.language, coalesce(customer.name, '') as customer
          from customer_contact contact join customer on customer.id = contact.customer_id
          where contact.id = ${to} and (contact.removed_at is null or ${formerly})`.execute(
          database.db,
        );
  return rows[0] ?? null;
}

/** Names that a mail may say besides what its cause gave it. */
interface Addressed extends Recipient {
  readonly organisation: string;
}

async function withNames(world: World, to: Recipient): Promise<Addressed> {
  return { ...to, organisation: (await world.organisation())?.name ?? '' };
}

/** Days, told as `2026-03-03`, as their reader writes them. */
function inWords(params: Effect['params'], language: Language): Effect['params'] {
  const said = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)
      ? dateText(Temporal.PlainDate.from(value), language)
      : value,
  ]);
  return Object.fromEntries(said);
}

/** Template `access.reviewReminder` stands in the words of the clause `access` under `mail.reviewReminder`. */
function composed(
  world: World,
  words: Dictionary,
  effect: Effect,
  to: Addressed,
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
    const names = { name: to.name, organisation: to.organisation };
    // A colleague is told which customer by the mail's cause; a customer is their own.
    const customer = to.customer === undefined ? {} : { customer: to.customer };
    return fill(found, { title, ...inWords(effect.params, to.language), ...customer, ...names });
  };
  return {
    subject: say('subject'),
    text: `${say('text')}\n\n${world.url}${openPath(world.keys, effect.path)}\n`,
  };
}
