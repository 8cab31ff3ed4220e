import { sql } from 'kysely';
import { decideItems, openCampaign } from '../clauses/access/flows.ts';
import { approvalFlow, draftFlow } from '../clauses/publication/flows.ts';
import { invariant } from '../kernel/invariant.ts';
import { executeAs } from '../platform/execute.ts';
import type { Company } from './company.ts';
import { personActor } from './company.ts';

/**
 * The last days before the reader looks in: an account that nobody knows turns up, is ordered to be
 * removed and is still there; a review of two systems is under way. So the reader finds something
 * to do.
 */
export async function slip(company: Company): Promise<void> {
  const stranger = 'contractor-17';
  company.reality.pin('aws', stranger, 'operator');
  company.reality.give('helpdesk', 'former-agency', 'agent');
  await company.readSystem('aws', true);
  await company.readSystem('helpdesk', true);
  await review(company, stranger);
}

async function review(company: Company, stranger: string): Promise<void> {
  const { world } = company;
  const { db } = world.database;
  const { rows } = await sql<{ id: string }>`
    select id from system where key in ('aws', 'helpdesk') order by key`.execute(db);
  const opened = await company.officer(openCampaign, {
    name: 'After a change of suppliers',
    systems: rows.map(({ id }) => id),
    dueAt: world
      .now()
      .add({ hours: 24 * 12 })
      .toString(),
    revokeWithinHours: 72,
    reviewerRule: 'systemOwner',
    fallback: null,
  });
  invariant(opened.ok, 'the officer may open a review');
  const campaignId = opened.value[0]?.subject.split('/')[1] ?? '';
  const items = await sql<{ reviewer: string | null }>`
    select item.reviewer_id as reviewer from review_item item join account on account.id = item.account_id
    where item.campaign_id = ${campaignId} and account.name = ${stranger}`.execute(db);
  const [item] = items.rows;
  invariant(item, 'what nobody knows is reviewed');
  // Where the owner of the system has left it is an officer's to decide.
  const reviewer = item.reviewer
    ? executeAs(world, personActor(item.reviewer, ['employee']))
    : company.officer;
  const decided = await reviewer(decideItems, {
    campaignId,
    decision: 'revoke',
    reason: 'Nobody knows this account; the supplier has left',
    wantedEntitlementId: null,
    selection: { filter: { q: stranger } },
  });
  invariant(decided.ok, 'the reviewer may decide');
}

/** The last morning: the officer adds a sentence and proposes it, so that somebody else must approve. */
export async function propose(company: Company): Promise<void> {
  const created = await company.officer(draftFlow, { do: 'createDraft', from: 'published' });
  const versionId = created.ok ? (created.value[0]?.subject.split('/')[1] ?? '') : '';
  if (!versionId) return;
  const { rows } = await sql<{ markdown: string; revision: number }>`
    select markdown, revision from policy_text
    where version_id = ${versionId} and clause = 'office' and language = 'en'`.execute(
    company.world.database.db,
  );
  const [text] = rows;
  if (!text) return;
  const markdown = `${text.markdown.trimEnd()}\n\nVisitors are met at the door and accompanied for as long as they stay.\n`;
  await company.officer(draftFlow, {
    do: 'saveText',
    versionId,
    clause: 'office',
    language: 'en',
    markdown,
    revision: text.revision,
  });
  const japanese = await sql<{ markdown: string; revision: number }>`
    select markdown, revision from policy_text
    where version_id = ${versionId} and clause = 'office' and language = 'ja'`.execute(
    company.world.database.db,
  );
  const [ja] = japanese.rows;
  if (ja) {
    const text = `${ja.markdown.trimEnd()}\n\n来訪者は入口でお迎えし、滞在中は従業員が付き添います。\n`;
    await company.officer(draftFlow, {
      do: 'saveText',
      versionId,
      clause: 'office',
      language: 'ja',
      markdown: text,
      revision: ja.revision,
    });
  }
  await company.officer(approvalFlow, {
    do: 'propose',
    versionId,
    effectiveOn: null,
    summary: { en: 'Visitors are accompanied', ja: '来訪者への付き添いを追加' },
  });
}
