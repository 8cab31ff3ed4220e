import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import type { Execute } from '../../policy/flow.ts';
import type { ClauseSimulation, SimulationRoom } from '../../policy/simulation.ts';
import { publicationSettings } from './facts.office.ts';
import type { Ask, Version } from './facts.ts';
import { promisesOf } from './facts.version.ts';
import { acknowledgementFlow, approvalFlow, draftFlow, officeFlow } from './flows.ts';
import { type Amendment, amendments } from './sim.amendments.ts';
import { current } from './store.current.ts';
import { publicationSettingsOf } from './store.office.ts';
import { openVersion, promisesOfVersion, textsOf, versionInForce } from './store.version.ts';

/** How people behave towards the policy: they read it late, forget it, change it a few times a year. */
export const publicationSimulation: ClauseSimulation = {
  name: 'publication',

  async step(room) {
    const officer = await someone(room, 'security-officer');
    const second = await someone(room, 'commercial-officer');
    await acknowledgeSome(room);
    if (!officer) return;
    await keepContact(room, officer);
    await reviewWhenDue(room, officer);
    await answerReports(room, officer);
    if (second) await workOnText(room, officer, second);
  },

  invariants: {
    nobodyApprovedTheirOwnText: () => sql`
      select 'version ' || v.number || ' was approved by its author' as problem
      from policy_version v join policy_author a on a.version_id = v.id and a.person_id = v.approved_by
      where v.state <> 'draft'`,

    everyRequestHasItsTask: () => sql`
      select 'person ' || coalesce(r.person_id, t.assignee_id) || ' has a request or a task alone' as problem
      from (select person_id, version_id from acknowledgement_request where closed_at is null) r
      full join (select assignee_id, subject from task
                 where kind = 'publication.acknowledge' and done_at is null and missed_at is null
                   and cancelled_at is null) t
        on t.assignee_id = r.person_id and t.subject = 'policyVersion/' || r.version_id
      where r.person_id is null or t.assignee_id is null`,

    onlyWhatIsInForceIsAsked: () => sql`
      select 'person ' || r.person_id || ' is asked version ' || v.number || ', which is ' || v.state as problem
      from acknowledgement_request r join policy_version v on v.id = r.version_id
      where r.closed_at is null and v.state <> 'published'`,

    whatWasAcknowledgedIsWhatWasPublished: () => sql`
      select 'person ' || a.person_id || ' acknowledged another text than version ' || v.number as problem
      from acknowledgement a join policy_version v on v.id = a.version_id
      where a.digest <> v.digest or not a.second_factor`,

    approvedIsPublishedOnItsDay: (now, zone) => sql`
      select 'version ' || number || ' should be in force since ' || effective_on as problem
      from policy_version
      where state = 'approved' and effective_on < ${dateIn(now, zone).subtract({ days: 7 })}`,
  },
};

async function someone(
  { db, now, zone, as }: SimulationRoom,
  role: Role,
): Promise<{ readonly id: string; readonly execute: Execute } | null> {
  const { rows } = await sql<{ id: string; roles: Role[] }>`
    select p.id, p.roles from person p
    where ${role} = any(p.roles) and ${current(dateIn(now, zone))} order by p.id limit 1`.execute(
    db,
  );
  const [row] = rows;
  return row ? { id: row.id, execute: as(row.id, ...row.roles) } : null;
}
type Someone = NonNullable<Awaited<ReturnType<typeof someone>>>;

/** About one in five of those who are asked answers on any day; the last ones wait for the last day or beyond. */
async function acknowledgeSome({ db, now, as, random }: SimulationRoom): Promise<void> {
  const inForce = await versionInForce(db);
  if (!inForce?.digest) return;
  const { rows } = await sql<{ id: string; roles: Role[]; language: 'en' | 'ja'; due_at: Instant }>`
    select p.id, p.roles, p.language, r.due_at
    from acknowledgement_request r join person p on p.id = r.person_id
    where r.closed_at is null and (p.ends_on is null or p.ends_on >= ${dateIn(now, 'UTC')})
    order by p.id limit 2000`.execute(db);
  for (const { id, roles, language, due_at } of rows) {
    const near = due_at.epochMilliseconds - now.epochMilliseconds < 3 * 24 * 3_600_000;
    if (random() > (near ? 0.5 : 0.2)) continue;
    const chosen = inForce.languages.includes(language) ? language : (inForce.languages[0] ?? 'en');
    await as(id, ...roles)(acknowledgementFlow, {
      do: 'acknowledge',
      digest: inForce.digest,
      language: chosen,
    });
  }
}

/** The contact is set once; security.txt is renewed some weeks before it expires, most years. */
async function keepContact(
  { db, now, zone, oneIn }: SimulationRoom,
  officer: Someone,
): Promise<void> {
  const settings = await publicationSettingsOf(db);
  const today = dateIn(now, zone);
  const { expiresOn } = settings.securityTxt;
  const left = expiresOn
    ? today.until(Temporal.PlainDate.from(expiresOn), { largestUnit: 'days' }).days
    : -1;
  if (left > 21 || (expiresOn && !oneIn(5))) return;
  const wanted = publicationSettings.parse({
    ...settings,
    contactEmail: settings.contactEmail || 'security@example.com',
    securityTxt: { ...settings.securityTxt, expiresOn: today.add({ days: 360 }).toString() },
  });
  await officer.execute(officeFlow, { do: 'changeSettings', settings: wanted });
}

async function reviewWhenDue({ db, now, oneIn }: SimulationRoom, officer: Someone): Promise<void> {
  const { rows } = await sql<{ one: number }>`
    select 1 as one from task
    where kind = 'publication.policyReview' and done_at is null and cancelled_at is null
      and due_at < ${now.add({ hours: 24 * 25 })}`.execute(db);
  if (rows.length > 0 && oneIn(8)) {
    await officer.execute(officeFlow, { do: 'reviewPolicy', outcome: 'unchanged', note: '' });
  }
}

async function answerReports(
  { db, asSystem, oneIn }: SimulationRoom,
  officer: Someone,
): Promise<void> {
  if (oneIn(90)) {
    await asSystem(officeFlow, {
      do: 'reportVulnerability',
      about: 'Sign-in page',
      details: 'The session cookie of the trial site lacks the Secure attribute.',
      reporter: '',
      language: 'en',
    });
  }
  const { rows } = await sql<{ id: string }>`
    select id from vulnerability_report where answered_at is null order by received_at, id limit 5`.execute(
    db,
  );
  for (const { id } of rows) {
    if (!oneIn(2)) continue;
    const outcome = oneIn(3) ? 'confirmed' : 'notAVulnerability';
    await officer.execute(officeFlow, { do: 'answerReport', reportId: id, outcome, answer: '' });
  }
}

/** A few times a year the officer amends the text; the commercial officer approves it, or sends it back. */
async function workOnText(room: SimulationRoom, officer: Someone, second: Someone): Promise<void> {
  const open = await openVersion(room.db);
  if (!open) {
    if (room.oneIn(70)) await amend(room, officer);
  } else if (open.state === 'draft') {
    await propose(room, officer, open);
  } else if (open.state === 'proposed' && room.oneIn(2)) {
    // Now and then somebody tries what the guard forbids.
    if (room.oneIn(6)) await approve(room, officer, open);
    if (room.oneIn(8))
      await second.execute(approvalFlow, {
        do: 'reject',
        versionId: open.id,
        reason: 'Please say it more plainly.',
      });
    else await approve(room, second, open);
  }
}

async function amend({ db }: SimulationRoom, officer: Someone): Promise<void> {
  const inForce = await versionInForce(db);
  if (!inForce) return;
  const created = await officer.execute(draftFlow, { do: 'createDraft', from: 'published' });
  if (!created.ok) return;
  const versionId = created.value[0]?.subject.split('/')[1] ?? '';
  const amendment = amendmentFor(inForce);
  const texts = (await textsOf(db, versionId)).filter((text) => text.clause === amendment.clause);
  if (texts.length === 0) return await addClause(officer, versionId, amendment);
  for (const text of texts) {
    const sentence = amendment.text[text.language];
    const markdown = text.markdown.includes(sentence)
      ? `${text.markdown.replace(sentence, '').trimEnd()}\n`
      : `${text.markdown.trimEnd()}\n\n${sentence}\n`;
    await officer.execute(draftFlow, { do: 'saveText', versionId, ...text, markdown });
  }
}

function amendmentFor(inForce: Version): Amendment {
  return amendments[(inForce.number - 1) % amendments.length] as Amendment;
}

async function addClause(
  officer: Someone,
  versionId: string,
  { clause, title, text }: Amendment,
): Promise<void> {
  const markdown = (language: 'en' | 'ja'): string =>
    `# ${title?.[language] ?? clause}\n\n${text[language]}\n`;
  await officer.execute(draftFlow, {
    do: 'addClause',
    versionId,
    clause,
    text: { en: markdown('en'), ja: markdown('ja') },
  });
}

async function propose(
  { db, now, zone, oneIn }: SimulationRoom,
  officer: Someone,
  open: Version,
): Promise<void> {
  const inForce = await versionInForce(db);
  const effectiveOn = oneIn(3) ? null : dateIn(now, zone).add({ days: 10 }).toString();
  const summary = inForce ? { ...amendmentFor(inForce).summary } : {};
  const proposed = await officer.execute(approvalFlow, {
    do: 'propose',
    versionId: open.id,
    effectiveOn,
    summary,
  });
  // A crash may have left a draft without its amendment: it is given up.
  if (!proposed.ok) await officer.execute(draftFlow, { do: 'discardDraft', versionId: open.id });
}

async function approve({ db }: SimulationRoom, by: Someone, open: Version): Promise<void> {
  const inForce = await versionInForce(db);
  const now = new Set(promisesOf(await textsOf(db, open.id)).map((promise) => promise.id));
  const before = inForce
    ? (await promisesOfVersion(db, inForce.id)).map((promise) => promise.id)
    : [];
  const removedPromises = before.filter((promise) => !now.has(promise));
  await by.execute(approvalFlow, {
    do: 'approve',
    versionId: open.id,
    digest: open.digest ?? '',
    ask: askFor(inForce, removedPromises.length > 0 || now.size > before.length),
    removedPromises,
  });
}

function askFor(inForce: Version | null, promisesChanged: boolean): Ask {
  if (!inForce) return { kind: 'everyone' };
  const { clause, concerned, summary } = amendmentFor(inForce);
  if (concerned.length === 0 && !promisesChanged) return { kind: 'nobody', reason: summary.en };
  if (concerned.includes('employee')) return { kind: 'everyone' };
  return { kind: 'changed', concerned: [{ clause, roles: [...concerned], departments: [] }] };
}
