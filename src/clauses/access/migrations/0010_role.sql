-- A search for the roles of one system, or of all systems together: asked for by somebody, made by
-- whichever node takes it up, and here so that it survives both a reload and a restart.
create table role_search (
  id uuid primary key,
  -- null: all systems together
  system_id uuid references system,
  requested_by uuid references person,
  requested_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  started_at timestamptz,
  -- last sign of life of the node that makes it; an old one means that the node died
  beat_at timestamptz,
  ended_at timestamptz,
  done integer not null default 0,
  total integer,
  -- why it failed
  problem text,
  -- what it looked at, and what came of it
  holders integer not null default 0,
  entitlements integer not null default 0,
  accesses integer not null default 0,
  -- accesses of accounts that are not of staff: service and break-glass
  left_out integer not null default 0,
  roles integer not null default 0,
  assignments integer not null default 0,
  -- no fewer roles give everybody exactly what they hold
  at_least integer not null default 0
);
create unique index role_search_open on role_search (coalesce(system_id, '00000000-0000-0000-0000-000000000000'))
  where state in ('waiting', 'running');
create index role_search_system on role_search (system_id, requested_at desc);

-- A holder is a person, or an account that belongs to nobody known.
create table role_search_holder (
  search_id uuid not null references role_search on delete cascade,
  holder_id uuid not null,
  accesses integer not null,
  roles integer not null,
  primary key (search_id, holder_id)
);

-- Access that only one holder has.
create table role_search_lone (
  search_id uuid not null references role_search on delete cascade,
  holder_id uuid not null,
  entitlement_id uuid not null,
  primary key (search_id, holder_id, entitlement_id)
);

create table suggested_role (
  id uuid primary key,
  search_id uuid not null references role_search on delete cascade,
  -- of names the search made up, one a role
  name text not null,
  holders integer not null,
  entitlements integer not null,
  -- as `access_role.digest`
  digest text not null
);
create index suggested_role_search on suggested_role (search_id, holders desc, id);

create table suggested_role_entitlement (
  role_id uuid not null references suggested_role on delete cascade,
  entitlement_id uuid not null,
  primary key (role_id, entitlement_id)
);
create index suggested_role_entitlement_of on suggested_role_entitlement (entitlement_id);

create table suggested_role_holder (
  role_id uuid not null references suggested_role on delete cascade,
  holder_id uuid not null,
  primary key (role_id, holder_id)
);
create index suggested_role_holder_of on suggested_role_holder (holder_id);

-- A role that was adopted: named entitlements of one system, or of several.
create table access_role (
  id uuid primary key,
  -- null: of several systems
  system_id uuid references system,
  name text not null,
  -- SHA-256 in hex of the entitlements' ids, ascending, so that the same set is adopted once
  digest text not null,
  adopted_at timestamptz not null,
  adopted_by uuid references person,
  dropped_at timestamptz
);
create unique index access_role_name on access_role (coalesce(system_id, '00000000-0000-0000-0000-000000000000'), lower(name))
  where dropped_at is null;
create index access_role_digest on access_role (digest) where dropped_at is null;

create table access_role_entitlement (
  role_id uuid not null references access_role,
  entitlement_id uuid not null references entitlement,
  primary key (role_id, entitlement_id)
);
