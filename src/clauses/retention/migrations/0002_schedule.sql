-- How long each kind of record is kept, and why (RET-1). Every change is a new version; the ones
-- before stay, with the time in which they held. What no row says, the kind itself says (shipped).
create table retention_schedule (
  id uuid primary key,
  kind text not null,
  -- all null: of the kind itself. Of a product, a collection in it, a customer's contract, or a
  -- collection under that contract.
  product_id uuid references product,
  collection text,
  customer_id uuid references customer,
  version integer not null,
  after text not null check (after in ('made', 'changed', 'closed')),
  -- ISO 8601 duration of years, months, weeks, days; null: until the account ends
  period text,
  purpose_en text not null,
  purpose_ja text not null,
  ground_en text not null,
  ground_ja text not null,
  set_at timestamptz not null,
  set_by uuid references person,
  ended_at timestamptz
);
create unique index retention_schedule_standing
  on retention_schedule (kind, product_id, collection, customer_id) nulls not distinct
  where ended_at is null;

-- What was disposed of: one row for each customer, collection and schedule of a run.
create table retention_disposal (
  id uuid primary key,
  at timestamptz not null,
  kind text not null,
  -- null: the schedule that ships with the kind
  schedule_id uuid references retention_schedule,
  customer_id uuid references customer,
  collection text,
  count integer not null,
  -- SHA-256 of the list of ids of the whole act, which is a blob of its ledger entry
  ids text not null
);
create index retention_disposal_at on retention_disposal (at, id);
create index retention_disposal_customer on retention_disposal (customer_id, at);
