import { sql } from 'kysely';
import { z } from 'zod';
import type { Condition, List, SortColumn } from '../../registers/list.ts';
import type { DecisionItem } from './facts.shown.ts';
import { decisionKinds, decisionStates } from './facts.terms.ts';
import { type DecisionRow, decisionOf } from './store.detail.ts';

type Row = DecisionRow & { readonly item: DecisionItem['item'] };

export const decisionSorts = {
  asked: { sql: sql`decision.asked_at`, type: 'timestamptz' },
  until: { sql: sql`decision.until`, type: 'timestamptz' },
} satisfies Record<string, SortColumn>;

export const decisionColumns = sql`decision.id, decision.kind, decision.justification,
  decision.reason, decision.until, decision.state, decision.asked_at as "askedAt",
  decision.decided_at as "decidedAt", decision.reporter, decision.note, asker.id as "askerId",
  asker.name as asker, decider.id as "deciderId", decider.name as decider`;

/** Decisions of all items: those waiting, those that hold, and what became of the others. */
export const decisionList: List<Row, DecisionItem> = {
  source: {
    from: [sql`backlog_decision decision`],
    key: { id: sql`decision.id` },
    sorts: decisionSorts,
    defaultSort: '-asked',
    search: (like) => ({ sql: sql`lower(decision.reason) like ${like}` }),
    select: sql`${decisionColumns}, jsonb_build_object('id', item.id, 'number', item.number,
      'vulnerability', vulnerability.name, 'component', item.component_name,
      'system', system.name) as item`,
    details: sql`join backlog_decision decision on decision.id = page.id
      join backlog_item item on item.id = decision.item_id
      join vulnerability on vulnerability.id = item.vulnerability_id
      join system on system.id = item.system_id
      left join person asker on asker.id = decision.asked_by
      left join person decider on decider.id = decision.decided_by`,
  },
  item: ({ item, ...row }) => ({ ...decisionOf(row), item }),
  csv: [
    { header: 'item', cell: ({ item }) => `V-${item.number}` },
    { header: 'vulnerability', cell: ({ item }) => item.vulnerability },
    { header: 'component', cell: ({ item }) => item.component },
    { header: 'system', cell: ({ item }) => item.system },
    { header: 'kind', cell: (it) => it.kind },
    { header: 'justification', cell: (it) => it.justification },
    { header: 'reason', cell: (it) => it.reason },
    { header: 'until', cell: (it) => it.until },
    { header: 'state', cell: (it) => it.state },
    { header: 'askedBy', cell: (it) => it.askedBy?.name ?? it.reporter },
    { header: 'askedAt', cell: (it) => it.askedAt },
    { header: 'decidedBy', cell: (it) => it.decidedBy?.name ?? '' },
    { header: 'decidedAt', cell: (it) => it.decidedAt },
  ],
  filename: 'decisions',
};

export const decisionFilters = {
  state: z.enum(decisionStates).optional(),
  kind: z.enum(decisionKinds).optional(),
};

export function decisionConditions(
  filters: z.output<z.ZodObject<typeof decisionFilters>>,
): Condition[] {
  const conditions: Condition[] = [];
  if (filters.state) conditions.push({ sql: sql`decision.state = ${filters.state}` });
  if (filters.kind) conditions.push({ sql: sql`decision.kind = ${filters.kind}` });
  return conditions;
}
