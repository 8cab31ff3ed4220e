-- The organisation that keeps its policy here; one row.
create table organisation (
  id uuid primary key,
  name text not null,
  zone text not null,
  languages text[] not null,
  domain text not null,
  settings jsonb not null default '{}',
  created_at timestamptz not null
);
create unique index organisation_single on organisation ((true));

-- One row an entry. `index` is null until the sequencer gives it its place; an entry is
-- acknowledged when its transaction commits and is never rewritten after.
create table ledger_entry (
  seq bigint generated always as identity primary key,
  index bigint,
  id uuid not null,
  at timestamptz not null,
  actor text not null,
  clause text not null,
  type text not null,
  subject text not null,
  bytes bytea not null
);
create unique index ledger_entry_index on ledger_entry (index) where index is not null;
create index ledger_entry_pending on ledger_entry (seq) where index is null;
create index ledger_entry_subject on ledger_entry (subject, index) where index is not null;
create index ledger_entry_type on ledger_entry (type, index) where index is not null;
create index ledger_entry_actor on ledger_entry (actor, index) where index is not null;
create index ledger_entry_id on ledger_entry (id) where index is not null;

-- Plaintext behind the commitments of an entry. Deleting a row erases the data and leaves every
-- proof valid.
create table ledger_private (
  entry_id uuid not null,
  field text not null,
  salt bytea not null,
  value jsonb not null,
  about uuid,
  primary key (entry_id, field)
);
create index ledger_private_about on ledger_private (about) where about is not null;

-- Hash tiles of the tree. The right-most of each level is partial and grows; 32 bytes a hash.
create table ledger_tile (
  level smallint not null,
  n bigint not null,
  bytes bytea not null,
  primary key (level, n)
);
create table ledger_checkpoint (
  size bigint primary key,
  root bytea not null,
  note text not null,
  at timestamptz not null,
  -- signed by the outgoing and the incoming key
  rotation integer
);
create table ledger_key (
  number integer primary key,
  vkey text not null,
  -- sealed with the master key
  sealed bytea not null,
  -- signs from here on; null until the entry that brings it in has its place
  since timestamptz
);

-- Content-addressed evidence, sealed with the master key.
create table blob (
  sha256 bytea primary key,
  size integer not null,
  sealed bytea not null
);

-- An answer given once for an idempotency key is given again, never done again.
create table idempotency (
  actor text not null,
  key text not null,
  request_digest bytea not null,
  answer jsonb not null,
  at timestamptz not null,
  primary key (actor, key)
);
create index idempotency_at on idempotency (at);

-- Long work: who started it, how far it is, how it ended.
create table job (
  id uuid primary key,
  kind text not null,
  started_by text not null,
  started_at timestamptz not null,
  done integer not null default 0,
  total integer,
  finished_at timestamptz,
  cancel_requested boolean not null default false,
  answer jsonb,
  error jsonb
);

-- Bearer tokens of the API; only the hash of each is kept.
create table api_token (
  id uuid primary key,
  hash bytea not null unique,
  name text not null,
  person_id uuid references person,
  roles text[] not null,
  -- actions it is narrowed to; null: all of its roles'
  scope text[],
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_token_person on api_token (person_id);

-- How far the ledger has been shown to the clauses that react to its entries; one row.
create table reaction_cursor (
  single boolean primary key default true check (single),
  next_index bigint not null
);
