-- What a source says of an account besides its name. `source_key` is the source's own name for the thing,
-- which stays when people rename it; null where only a list of names was ever brought.
alter table account
  add column source_key text collate "C",
  -- whether one can sign in with it
  add column active boolean not null default true,
  -- whether a second factor is enrolled; null where that is not known, which is never yes
  add column second_factor boolean,
  add column last_used_at timestamptz,
  -- the first complete read in which the account itself was no longer there
  add column absent_since timestamptz;
-- As on observations: systems are never deleted, and a read that brings 50,000 accounts would ask
-- 50,000 times whether the one system that it locked is there.
alter table account drop constraint account_system_id_fkey;
create unique index account_source_key on account (system_id, source_key) where source_key is not null;

alter table entitlement
  add column source_key text collate "C",
  -- what is wrong with it in itself, in the words of a connector
  add column risks text[] not null default '{}',
  add column absent_since timestamptz;
create unique index entitlement_source_key on entitlement (system_id, source_key) where source_key is not null;

-- Something one signs in with besides single sign-on, as the newest read shows it.
create table credential (
  id uuid primary key,
  system_id uuid not null references system,
  account_id uuid not null references account,
  key text collate "C" not null,
  kind text not null check (kind in ('password', 'accessKey', 'certificate', 'token')),
  name text not null,
  active boolean not null,
  created_at timestamptz,
  last_used_at timestamptz,
  unique (system_id, key)
);
create index credential_account on credential (account_id);

-- A setting of a whole system: a password policy, a rule of conditional access.
create table system_setting (
  system_id uuid not null references system,
  name text not null,
  value jsonb not null,
  at timestamptz not null,
  primary key (system_id, name)
);

-- When an aspect of a system was last read in full.
create table aspect_read (
  system_id uuid not null references system,
  aspect text not null,
  at timestamptz not null,
  primary key (system_id, aspect)
);

-- Aspects that the newest read could not see: whatever stands on one is unknown.
create table read_gap (
  system_id uuid not null references system,
  aspect text not null,
  -- as the source names it; empty where it is no permission that is missing
  permission text not null,
  message text not null,
  at timestamptz not null,
  primary key (system_id, aspect, permission)
);

-- A read under way: what it has shown so far lies below and changes nothing until it is recorded.
create table open_read (
  id uuid primary key,
  system_id uuid not null references system,
  source text not null,
  opened_at timestamptz not null,
  -- a read of what has changed since the last one, rather than of all there is
  changes boolean not null,
  aspects text[] not null,
  -- who may add to it; null for the connectors of this installation
  token_id text,
  observations integer not null default 0,
  -- what was shown or refused so far, for pages that a sender repeats
  pages integer not null default 0
);

-- Without keys or indexes: both are written once, read whole, and thrown away.
create table staged_fact (
  read_id uuid not null,
  n bigint generated always as identity,
  about text not null,
  key text collate "C" not null,
  -- null: it is gone
  facts jsonb
);
create table staged_held (
  read_id uuid not null,
  n bigint generated always as identity,
  account text collate "C" not null,
  entitlement text collate "C" not null,
  gone boolean not null
);

-- Access of an account, or to an entitlement, that the source has not shown yet: it counts once it has.
create table held_pending (
  system_id uuid not null references system,
  account text collate "C" not null,
  entitlement text collate "C" not null,
  primary key (system_id, account, entitlement)
);
