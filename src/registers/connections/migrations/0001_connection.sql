-- Where the facts of a system come from by themselves.
create table connection (
  id uuid primary key,
  system_id uuid not null references system,
  kind text not null,
  settings jsonb not null,
  -- sealed by the installation's master key, as is the other; empty once the connection is removed
  secret bytea not null,
  secret_at timestamptz not null,
  -- of credentials of its own, that can do more than read; null where nobody has entered any
  acting_secret bytea,
  -- since when orders are carried out by it; null: they are not
  acting_since timestamptz,
  every_hours integer not null check (every_hours between 1 and 168),
  paused boolean not null default false,
  -- where the next read of changes begins; null: the next one reads the whole
  since jsonb,
  whole_at timestamptz,
  created_at timestamptz not null,
  removed_at timestamptz,
  version integer not null default 1
);
create unique index connection_system on connection (system_id) where removed_at is null;

-- One run of a connection: a read of its system, from being asked for to being recorded.
create table connection_run (
  -- the id of the read as well
  id uuid primary key,
  connection_id uuid not null references connection,
  reads text not null check (reads in ('whole', 'changes')),
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  asked_at timestamptz not null,
  -- not before
  due_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  -- which process is at it, and until when that is believed without hearing of it
  holder text,
  held_until timestamptz,
  attempts integer not null default 0,
  -- where a read that was cut off goes on
  resume jsonb,
  -- where a read of changes begins
  since jsonb,
  -- the source has shown everything; what is missing is to record it
  shown boolean not null default false,
  next jsonb,
  observations integer not null default 0,
  gaps jsonb not null default '[]',
  complete boolean,
  -- what was recorded, counted
  counts jsonb,
  -- a code with a sentence in words, and what the source said, without secrets
  error text,
  detail text
);
create unique index connection_run_open on connection_run (connection_id) where state in ('waiting', 'running');
create index connection_run_due on connection_run (due_at) where state in ('waiting', 'running');
create index connection_run_asked on connection_run (connection_id, asked_at desc);

-- What was done outside for an order: written before it is asked for, so that it is never asked twice.
create table connection_act (
  id uuid primary key,
  connection_id uuid not null references connection,
  -- the order, as its clause numbers it
  origin_id uuid not null,
  no integer not null,
  ordered_at timestamptz not null,
  act text not null,
  account text not null,
  target text,
  -- `asked` without an outcome: the process ended in between, and only a read can tell
  state text not null check (state in ('asked', 'done', 'failed', 'put off')),
  asked_at timestamptz not null,
  ended_at timestamptz,
  not_before timestamptz,
  detail text,
  unique (origin_id, no, ordered_at, act)
);
create index connection_act_connection on connection_act (connection_id, asked_at desc);
