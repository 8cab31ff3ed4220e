-- Issues that are asked for and not yet there.
create table issue_order (
  item_id uuid primary key references backlog_item on delete cascade,
  -- whose connection makes it
  source_id uuid not null references source,
  repository text not null,
  asked_at timestamptz not null,
  asked_by text not null,
  attempts integer not null default 0,
  not_before timestamptz not null,
  -- why it was not made the last time: a code with a sentence in words, and what was said
  problem text,
  detail text
);
create index issue_order_due on issue_order (not_before);
