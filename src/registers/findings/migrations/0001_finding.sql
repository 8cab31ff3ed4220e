-- The newest answer of each check.
create table check_result (
  check_id text primary key,
  at timestamptz not null,
  status text not null check (status in ('kept', 'broken', 'unknown')),
  reason jsonb not null,
  examined integer not null,
  violated integer not null,
  -- when the oldest of the facts it stands on was read
  facts_at timestamptz,
  sources jsonb not null default '[]',
  -- ledger entries below this index are reflected in it
  seen_index bigint not null default 0,
  next_change_at timestamptz,
  recorded_on date
);

-- Every answer that differed from the one before, and one a day.
create table check_history (
  check_id text not null,
  at timestamptz not null,
  status text not null,
  examined integer not null,
  violated integer not null,
  primary key (check_id, at)
);

-- One violating item. Opened and closed by the check itself, never by hand.
create table finding (
  id uuid primary key,
  check_id text not null,
  promise text not null,
  subject_kind text not null,
  subject_id text not null,
  label text not null,
  detail jsonb not null,
  owner_id uuid references person,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz,
  -- an exception: approved by a person, for a reason, until a time; then it counts again
  excepted_until timestamptz,
  excepted_by uuid references person,
  exception_reason text
);
create unique index finding_open on finding (check_id, subject_kind, subject_id) where closed_at is null;
create index finding_promise on finding (promise, opened_at desc);
create index finding_due on finding (due_at, id) where closed_at is null;
create index finding_owner on finding (owner_id, due_at) where closed_at is null;

-- Status of a promise now, and each change it ever had.
create table promise_status (
  promise text primary key,
  status text not null check (status in ('kept', 'due', 'broken', 'unknown')),
  reason jsonb not null,
  since timestamptz not null,
  proven_at timestamptz
);
create table promise_status_change (
  promise text not null,
  at timestamptz not null,
  status text not null,
  reason jsonb not null,
  primary key (promise, at)
);
