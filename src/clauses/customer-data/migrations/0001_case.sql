-- CUS-3. A case: the one way in which a member of staff may read what a customer entrusted to us.
create table customer_case (
  id uuid primary key,
  customer_id uuid not null references customer,
  requester_id uuid not null references person,
  -- as whom they asked: what the customer is told instead of a name
  requester_role text not null,
  purpose text not null,
  basis text not null check (basis in ('terms', 'contract', 'consent')),
  -- version of the terms, clause of the contract, or where the record of consent is
  basis_reference text not null,
  -- the record of consent itself, where it was handed in
  consent_sha256 text,
  -- changed from this moment on, and before that one; null: whenever
  from_at timestamptz,
  to_at timestamptz,
  hours integer not null check (hours > 0),
  -- copies may be saved; without it, what is read stays on the screen
  copy boolean not null default false,
  emergency boolean not null default false,
  asked_at timestamptz not null,
  lapses_at timestamptz not null,
  -- the contract wants the customer's own approval before anybody else's
  customer_needed boolean not null default false,
  customer_decided_at timestamptz,
  customer_contact_id uuid references customer_contact,
  state text not null default 'asked'
    check (state in ('asked', 'approved', 'open', 'ended', 'reconciled', 'refused', 'withdrawn', 'lapsed')),
  decided_at timestamptz,
  -- who approved or refused; null where the customer refused, or nobody decided
  decided_by uuid references person,
  reason text not null default '',
  opened_at timestamptz,
  ends_at timestamptz,
  ended_at timestamptz,
  -- who closed it before its time; null: the clock
  ended_by uuid references person,
  reconcile_due_at timestamptz,
  reconciled_at timestamptz,
  reconciled_by uuid references person,
  deviations integer not null default 0,
  note text not null default '',
  -- when the customer was told last, and how many contacts
  told_at timestamptz,
  told_contacts integer not null default 0,
  review_due_at timestamptz,
  reviewed_at timestamptz,
  reviewed_by uuid references person,
  verdict text check (verdict in ('justified', 'unjustified')),
  review_note text not null default ''
);
create index customer_case_asked on customer_case (asked_at desc, id);
create index customer_case_customer on customer_case (customer_id, asked_at desc);
create index customer_case_requester on customer_case (requester_id, asked_at desc);
create index customer_case_open on customer_case (ends_at) where state = 'open';

-- What of the customer's a case is about: a whole collection, or single objects and records of it.
create table case_scope (
  case_id uuid not null references customer_case,
  collection text not null,
  -- object or record; null: everything in the collection
  item_id uuid
);
create unique index case_scope_once on case_scope (case_id, collection, item_id) nulls not distinct;

-- More hours are a decision of their own.
create table case_extension (
  id uuid primary key,
  case_id uuid not null references customer_case,
  hours integer not null check (hours > 0),
  why text not null,
  asked_at timestamptz not null,
  customer_decided_at timestamptz,
  decided_at timestamptz,
  decided_by uuid references person,
  state text not null default 'asked' check (state in ('asked', 'approved', 'refused', 'lapsed')),
  reason text not null default ''
);
create unique index case_extension_asked on case_extension (case_id) where state = 'asked';
create index case_extension_case on case_extension (case_id);

-- Every read, one by one; written in the transaction of its ledger entry, before the first byte flows.
create table case_read (
  id uuid primary key,
  case_id uuid not null references customer_case,
  person_id uuid not null references person,
  what text not null check (what in ('object', 'record', 'name', 'names')),
  collection text not null,
  item_id uuid,
  -- when what was read had last been changed: by it the dates of the scope are reconciled
  changed_at timestamptz,
  copied boolean not null default false,
  at timestamptz not null
);
create index case_read_case on case_read (case_id, at, id);
create index case_read_at on case_read (at);

-- How cases are handled where the organisation says otherwise than shipped.
create table case_setting (
  single boolean primary key default true check (single),
  longest_hours integer not null check (longest_hours between 1 and 168),
  reconcile_days integer not null check (reconcile_days between 1 and 30),
  lapse_days integer not null check (lapse_days between 1 and 90)
);
