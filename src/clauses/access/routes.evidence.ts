import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Streamed } from '../../policy/route.ts';
import { type CsvColumn, csvLine } from '../../registers/csv-writer.ts';
import { snapshotLine } from './store.snapshot.ts';

interface EvidenceRow {
  readonly no: number;
  /** The digested line of the item, columns apart by tabs. */
  readonly line: string;
  readonly system: string;
  readonly account: string;
  readonly entitlement: string;
  readonly person: string | null;
  readonly reviewer: string | null;
  readonly decision: string | null;
  readonly reason: string | null;
  readonly decided_at: Instant | null;
  readonly decided_by: string | null;
  readonly wanted: string | null;
  readonly ordered_at: Instant | null;
  readonly due_at: Instant | null;
  readonly carried_out_at: Instant | null;
  readonly proven_at: Instant | null;
  readonly proven_read_id: string | null;
  readonly withdrawn_at: Instant | null;
}

const at = (instant: Instant | null) => instant && instantText(instant);

/** Columns of the snapshot's digest, in its order, and then what became of each item. */
const digested = [
  'no',
  'system_id',
  'account_id',
  'person_id',
  'read_id',
  'entitlement_id',
  'basis',
] as const;
const columns: readonly CsvColumn<EvidenceRow>[] = [
  ...digested.map((header, place) => ({
    header,
    cell: (row: EvidenceRow) => row.line.split('\t')[place] ?? '',
  })),
  { header: 'system', cell: (row) => row.system },
  { header: 'account', cell: (row) => row.account },
  { header: 'entitlement', cell: (row) => row.entitlement },
  { header: 'person', cell: (row) => row.person },
  { header: 'reviewer', cell: (row) => row.reviewer },
  { header: 'decision', cell: (row) => row.decision },
  { header: 'reason', cell: (row) => row.reason },
  { header: 'decided_at', cell: (row) => at(row.decided_at) },
  { header: 'decided_by', cell: (row) => row.decided_by },
  { header: 'wanted', cell: (row) => row.wanted },
  { header: 'ordered_at', cell: (row) => at(row.ordered_at) },
  { header: 'due_at', cell: (row) => at(row.due_at) },
  { header: 'carried_out_at', cell: (row) => at(row.carried_out_at) },
  { header: 'proven_at', cell: (row) => at(row.proven_at) },
  { header: 'proven_read_id', cell: (row) => row.proven_read_id },
  { header: 'withdrawn_at', cell: (row) => at(row.withdrawn_at) },
];

/** Items fetched at a time. */
const rowsAtOnce = 10_000;

/**
 * A campaign as evidence: one line an item, in the order of the snapshot. SHA-256 over the
 * campaign's salt, a line feed, and of every line its first seven columns with tabs between them
 * and a line feed behind, is the `snapshotDigest` that the ledger's `CampaignOpened` holds.
 *
 * @returns null where there is no such campaign
 */
export async function campaignEvidence(db: Db, campaignId: string): Promise<Streamed | null> {
  const { rows } = await sql<{ name: string }>`
    select coalesce(quarter, to_char(opened_at at time zone 'UTC', 'YYYY-MM-DD')) as name
    from review_campaign where id = ${campaignId}`.execute(db);
  const [campaign] = rows;
  if (!campaign) return null;
  return {
    stream: evidenceLines(db, campaignId),
    mediaType: 'text/csv; charset=utf-8',
    filename: `access-review-${campaign.name}.csv`,
  };
}

async function* evidenceLines(db: Db, campaignId: string): AsyncGenerator<string> {
  yield csvLine(columns.map((column) => column.header));
  let after = 0;
  for (;;) {
    const rows = await itemsAfter(db, campaignId, after);
    if (rows.length === 0) return;
    yield rows.map((row) => csvLine(columns.map((column) => column.cell(row)))).join('');
    after = rows.at(-1)?.no ?? after;
  }
}

async function itemsAfter(
  db: Db,
  campaignId: string,
  after: number,
): Promise<readonly EvidenceRow[]> {
  const { rows } = await sql<EvidenceRow>`
    select item.no, item.line, system.name as system, account.name as account, entitlement.name as entitlement,
      person.name as person, reviewer.name as reviewer, item.decision, act.reason, act.at as decided_at,
      decider.name as decided_by, wanted.name as wanted, o.ordered_at, o.due_at, o.carried_out_at, o.proven_at,
      o.proven_read_id, o.withdrawn_at
    from (
      select item.*, ${snapshotLine} as line
      from review_item item
      join (select campaign_id as campaign, system_id as read_system, read_id from review_system) of_system
        on of_system.campaign = item.campaign_id and of_system.read_system = item.system_id
      where item.campaign_id = ${campaignId} and item.no > ${after}
      order by item.no limit ${rowsAtOnce}
    ) item
    join system on system.id = item.system_id
    join account on account.id = item.account_id
    join entitlement on entitlement.id = item.entitlement_id
    left join person on person.id = item.person_id
    left join person reviewer on reviewer.id = item.reviewer_id
    left join review_act act on act.id = item.act_id
    left join person decider on decider.id = act.reviewer_id
    left join entitlement wanted on wanted.id = act.wanted_entitlement_id
    left join revoke_order o on o.origin_id = item.campaign_id and o.no = item.no
    order by item.no`.execute(db);
  return rows;
}
