-- One login on one system, as the system names it. It belongs to a person, or to nobody yet known.
create table account (
  id uuid primary key,
  system_id uuid not null references system,
  name text not null,
  person_id uuid references person,
  kind text not null default 'staff' check (kind in ('staff', 'service', 'break-glass')),
  unique (system_id, name)
);
create index account_person on account (person_id) where person_id is not null;
create index account_name on account (name, id);

-- Something an account can hold on a system: a role, a group, a permission.
create table entitlement (
  id uuid primary key,
  system_id uuid not null references system,
  name text not null,
  privileged boolean not null default false,
  unique (system_id, name)
);
create index entitlement_name on entitlement (name, id);

-- One reading of a system. Only a complete one can prove that something is gone.
create table read (
  id uuid primary key,
  system_id uuid not null references system,
  at timestamptz not null,
  source text not null,
  complete boolean not null,
  pairs integer not null,
  added integer not null,
  gone integer not null,
  digest text not null
);
create index read_system on read (system_id, at desc);

-- Observation: access as the system itself shows it. `gone_at` is the first complete read without it.
-- What is there now was there in the newest complete read of its system: nothing is rewritten for
-- what has not changed.
-- No foreign keys here and on grants: both are written from accounts and entitlements that the same
-- statement found, none of which is ever deleted, and checking 185,294 rows thrice took longer than
-- writing them.
create table observation (
  account_id uuid not null,
  entitlement_id uuid not null,
  system_id uuid not null,
  first_seen_at timestamptz not null,
  gone_at timestamptz,
  primary key (account_id, entitlement_id)
);
create index observation_entitlement on observation (entitlement_id, account_id);
create index observation_since on observation (first_seen_at, account_id, entitlement_id) where gone_at is null;
create index observation_present on observation (system_id, account_id, entitlement_id) where gone_at is null;

-- Grant: access that somebody approved, for a purpose, until a day.
create table access_grant (
  id uuid primary key,
  account_id uuid not null,
  entitlement_id uuid not null,
  system_id uuid not null,
  purpose text not null,
  approver_id uuid references person,
  granted_at timestamptz not null,
  ends_on date,
  revoked_at timestamptz,
  -- whether the newest reads show this access; kept by reads and grants, so that what is granted and
  -- not used is found without comparing everything with everything
  observed boolean not null default false
);
create unique index access_grant_current on access_grant (account_id, entitlement_id) where revoked_at is null;
create index access_grant_unused on access_grant (account_id, entitlement_id) where revoked_at is null and not observed;
create index access_grant_entitlement on access_grant (entitlement_id) where revoked_at is null;
create index access_grant_system on access_grant (system_id, account_id, entitlement_id) where revoked_at is null;
