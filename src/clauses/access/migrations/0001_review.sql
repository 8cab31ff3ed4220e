-- One access review: what was there when it opened, who decides on it, until when.
create table review_campaign (
  id uuid primary key,
  name text not null,
  -- `2026-Q4` where it covers every system: such a campaign is the quarter's review
  quarter text,
  -- opened by itself on the day of the quarter; at most one a quarter
  automatic boolean not null,
  reviewer_rule text not null check (reviewer_rule in ('systemOwner', 'manager')),
  fallback_id uuid references person,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  revoke_within_hours integer not null check (revoke_within_hours >= 0),
  -- secret of the snapshot's digest, so that the digest in the ledger tells nothing by itself
  salt text not null,
  snapshot_digest text not null,
  items integer not null,
  undecided integer not null,
  -- `complete` where every item was decided when it closed, else `incomplete`
  state text not null default 'open' check (state in ('open', 'complete', 'incomplete')),
  closed_at timestamptz,
  -- days before the deadline at which reviewers were reminded
  reminded_days smallint[] not null default '{}'
);
create unique index review_campaign_automatic on review_campaign (quarter) where automatic;
create index review_campaign_opened on review_campaign (opened_at desc, id);

-- Each system of a campaign, and the complete read that its snapshot stands on.
create table review_system (
  campaign_id uuid not null references review_campaign,
  system_id uuid not null references system,
  read_id uuid,
  read_at timestamptz,
  primary key (campaign_id, system_id)
);
create index review_system_system on review_system (system_id);

-- One decision act of a reviewer: over one item or over a hundred thousand.
create table review_act (
  id uuid primary key,
  campaign_id uuid not null references review_campaign,
  reviewer_id uuid not null references person,
  at timestamptz not null,
  decision text not null check (decision in ('keep', 'revoke', 'change')),
  reason text not null,
  -- what the account is to have instead, where the decision is to change
  wanted_entitlement_id uuid references entitlement,
  items integer not null
);
create index review_act_campaign on review_act (campaign_id, at);

-- The snapshot. Without foreign keys: its rows are written by one INSERT … SELECT from the tables
-- that the ids come from, nothing deletes those, and a trigger a row would cost more than the rest
-- of the opening. Pages are left half empty so that a decision, which changes no indexed column,
-- finds room beside the item it decides and touches no index (heap-only tuples).
create table review_item (
  campaign_id uuid not null,
  no integer not null,
  system_id uuid not null,
  account_id uuid not null,
  entitlement_id uuid not null,
  -- whose account it was when the campaign opened
  person_id uuid,
  -- who decides; null: anyone with the role of security officer
  reviewer_id uuid,
  observed boolean not null,
  granted boolean not null,
  decision text,
  act_id uuid,
  primary key (campaign_id, no)
) with (fillfactor = 55);
-- One more index than the key, to find items by account; every other filter reads the campaign's
-- own stretch of the table, which costs less than keeping an index for it.
create index review_item_access on review_item (campaign_id, account_id, entitlement_id);

-- The instruction to remove an access. Closed by nothing but a later complete read without it.
-- Without foreign keys for the same reason: a hundred thousand may be given in one act.
create table revoke_order (
  campaign_id uuid not null,
  no integer not null,
  account_id uuid not null,
  entitlement_id uuid not null,
  system_id uuid not null,
  wanted_entitlement_id uuid,
  ordered_at timestamptz not null,
  due_at timestamptz not null,
  -- somebody says it is done; proves nothing
  carried_out_at timestamptz,
  carried_out_by uuid,
  proven_at timestamptz,
  proven_read_id uuid,
  -- the reviewer thought again before the campaign closed
  withdrawn_at timestamptz,
  primary key (campaign_id, no)
);
create index revoke_order_open on revoke_order (system_id, due_at)
  where proven_at is null and withdrawn_at is null;
create index revoke_order_due on revoke_order (due_at)
  where proven_at is null and withdrawn_at is null;
create index revoke_order_access on revoke_order (account_id, entitlement_id, ordered_at desc);

-- How reviews open by themselves; one row once somebody changed what ships.
create table review_setting (
  single boolean primary key default true check (single),
  open_by_itself boolean not null,
  day_offset integer not null check (day_offset between 0 and 60),
  length_days integer not null check (length_days between 1 and 60),
  revoke_within_hours integer not null check (revoke_within_hours >= 0),
  reviewer_rule text not null check (reviewer_rule in ('systemOwner', 'manager')),
  fallback_id uuid references person
);
