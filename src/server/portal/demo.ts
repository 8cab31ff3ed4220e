import type { Context, Hono } from 'hono';
import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { fill } from '../../kernel/language.ts';
import { isFromHere } from '../../platform/http/caller.ts';
import { html } from '../public/html.ts';
import { goTo, showPage } from './answer.ts';
import { fieldsOf } from './forms.ts';
import type { Page } from './frame.ts';
import { type Place, placeOf, type Room } from './room.ts';
import { openSession } from './signin.ts';
import { wordsIn } from './words.ts';

/** Path at which a sample customer's portal is entered, for links in the demo. */
const demoPath = '/portal/demo';

/** A sample contact whom the reader may be. */
interface Sample {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly part: string;
  readonly customer: string;
  readonly product: string;
  readonly state: 'open' | 'closing' | 'erasing' | 'gone';
}

/**
 * Entering as a sample contact, in the demo alone and only from this machine, under a name of this
 * machine and through no proxy. Where this is no demo the paths do not exist.
 */
export function demoDoors(app: Hono, room: Room): void {
  if (!room.world.demo) return;
  app.get('/demo', async (c) => {
    const place = await placeOf(c, room);
    if (!isFromHere(c)) return showPage(c, room, place, null, notFromHere(place), 403);
    const samples = await samplesOf(room.world.database.db);
    return showPage(c, room, place, null, demoPage(place, samples));
  });
  app.post('/demo', (c) => choose(c, room));
}

async function choose(c: Context, room: Room): Promise<Response> {
  if (!isFromHere(c))
    return showPage(
      c,
      room,
      await placeOf(c, room),
      null,
      notFromHere(await placeOf(c, room)),
      403,
    );
  const { fields } = await fieldsOf(c);
  const samples = await samplesOf(room.world.database.db);
  const chosen = samples.find(({ id }) => id === fields['contact']);
  const opened = chosen && (await openSession(c, room, chosen.email.toLowerCase(), 'demo'));
  return opened ?? goTo(c, demoPath);
}

/** One owner of each account, accounts in every state first. */
async function samplesOf(db: Db): Promise<readonly Sample[]> {
  const { rows } = await sql<Sample>`
    select distinct on (a.state = 'open', a.state, a.key) c.id, c.email, c.name, c.part, a.name as customer,
      p.name as product, a.state
    from customer_contact c join customer a on a.id = c.customer_id join product p on p.id = a.product_id
    where c.removed_at is null and c.part <> 'billing' and a.name is not null
    order by a.state = 'open', a.state, a.key, c.part desc, c.id limit 24`.execute(db);
  return rows;
}

function demoPage(place: Place, samples: readonly Sample[]): Page {
  const words = wordsIn(place.language);
  const items = samples.map(
    (
      sample,
    ) => html`<li><form method="post" action="${demoPath}"><input type="hidden" name="contact" value="${sample.id}">
<button type="submit" class="row"><strong>${sample.customer}</strong> <span>${sample.product}</span>
<span class="soft">${sample.name} · ${words.states[sample.state]}</span></button></form></li>`,
  );
  return {
    title: words.demo.title,
    here: demoPath,
    lead: fill(words.demo.lead, { organisation: place.organisation }),
    main:
      samples.length > 0
        ? html`<ul class="choices">${items}</ul>`
        : html`<p>${words.demo.none}</p>`,
  };
}

function notFromHere(place: Place): Page {
  const words = wordsIn(place.language);
  return {
    title: words.notDone,
    notice: { kind: 'wrong', text: words.demo.notFromHere },
    main: html``,
  };
}
