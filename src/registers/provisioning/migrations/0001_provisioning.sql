-- What a directory says of people and groups (SCIM 2.0), and by which tokens it may.

-- A person as the directory knows them, beside what the register of people makes of it.
create table scim_user (
  person_id uuid primary key references person,
  user_name text not null,
  external_id text,
  -- every other attribute the directory gave, by the names of RFC 7643
  attributes jsonb not null,
  -- the directory deleted the user; the person stays, and is found again should the user come back
  deleted_at timestamptz
);
create unique index scim_user_name on scim_user (lower(user_name)) where deleted_at is null;
create index scim_user_deleted on scim_user (lower(user_name)) where deleted_at is not null;
create index scim_user_external on scim_user (external_id) where external_id is not null;

create table scim_group (
  id uuid primary key,
  display_name text not null,
  external_id text,
  -- what its members are in Kept; null: members and nothing else
  role text,
  created_at timestamptz not null,
  modified_at timestamptz not null,
  version integer not null default 1
);
create unique index scim_group_name on scim_group (lower(display_name));
create index scim_group_external on scim_group (external_id) where external_id is not null;

create table scim_member (
  group_id uuid not null references scim_group on delete cascade,
  person_id uuid not null references person,
  primary key (group_id, person_id)
);
create index scim_member_person on scim_member (person_id);

-- Bearer tokens of directories; only the hash of each is kept. Two may be valid at a time: the old
-- one and the one that takes its place.
create table scim_token (
  id uuid primary key,
  hash bytea not null unique,
  name text not null,
  created_at timestamptz not null,
  created_by uuid references person,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz,
  uses bigint not null default 0
);

-- What `active: false` means; one row once somebody changed what ships.
create table scim_setting (
  single boolean primary key default true check (single),
  on_deactivation text not null check (on_deactivation in ('leave', 'suspend'))
);
