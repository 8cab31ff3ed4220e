import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { languages } from '../../kernel/language.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';

const command = z.object({ language: z.enum(languages) });

export interface LanguageChosen extends Event {
  readonly type: 'LanguageChosen';
  readonly body: { readonly person: string; readonly language: string };
}

/** A person chooses the language Kept speaks to them, on screen and in mails. */
export const languageFlow: Flow<null, z.output<typeof command>, LanguageChosen, 'notFound'> = {
  name: 'identity.language',
  clause: 'identity',
  command,
  load: async () => null,
  authorize: () => ({ action: 'readMe' }),
  decide(_, { language }, { actor }) {
    const person = personOf(actor);
    if (!person) return refuse('notFound');
    return ok([
      { type: 'LanguageChosen', subject: `person/${person}`, body: { person, language } },
    ]);
  },
  async project(tx, { body }) {
    await sql`update person set language = ${body.language}, version = version + 1 where id = ${body.person}`.execute(
      tx,
    );
  },
};
