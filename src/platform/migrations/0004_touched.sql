-- Further things that an entry happened to: one act over many. Their timelines show it too. What stands
-- here can be worked out from the entry's blob; it is never part of what is proven.
create table ledger_touched (
  subject text not null,
  entry_id uuid not null,
  -- what became of it: `opened`, `fixed`
  what text,
  primary key (subject, entry_id)
);
create index ledger_touched_entry on ledger_touched (entry_id);
