-- What is audited for vulnerabilities (VUL-1).
create table source (
  id uuid primary key,
  -- short name used by the command line and in pipelines: `web-shop`
  key text not null unique,
  name text not null,
  kind text not null check (kind in ('repository', 'bill', 'image', 'product', 'website')),
  -- repository `owner/name`, address of a website, reference of an image; empty where there is none
  location text not null default '',
  -- the asset it belongs to: what its loss would do stands there
  system_id uuid not null references system,
  owner_id uuid references person,
  cadence_days integer not null check (cadence_days between 1 and 366),
  -- GitHub connection that reads it; null: it is given by upload, the interface or a pipeline
  connection_id uuid,
  registered_at timestamptz not null,
  last_audit_id uuid,
  last_audit_at timestamptz,
  -- the next audit has to be made by then
  due_at timestamptz not null,
  retired_at timestamptz,
  version integer not null default 1
);
create index source_due on source (due_at, id) where retired_at is null;
create index source_system on source (system_id);
create index source_owner on source (owner_id);

-- One audit of a source: what was read, and whether it was all.
create table audit (
  id uuid primary key,
  source_id uuid not null references source,
  at timestamptz not null,
  -- who gave it
  by text not null,
  way text not null check (way in ('upload', 'interface', 'command', 'github', 'passive')),
  -- lockfile names, formats, tools
  formats text[] not null default '{}',
  -- of what was read only in part nothing is proven gone
  complete boolean not null,
  components integer not null default 0,
  notes jsonb not null default '[]',
  digest text not null
);
create index audit_source on audit (source_id, at desc);

-- A package in one version: what advisories are matched against, whoever uses it.
create table package_version (
  id bigint generated always as identity primary key,
  package_key text not null,
  ecosystem text not null,
  name text not null,
  version text not null,
  unique (ecosystem, name, version)
);
create index package_version_key on package_version (package_key);

-- What the newest inventory of a source holds.
create table component (
  source_id uuid not null references source,
  package_version_id bigint not null references package_version,
  audit_id uuid not null references audit,
  purl text,
  is_development boolean not null default false,
  -- names from what the software asks for to itself; null where the file does not tell
  path text[],
  primary key (source_id, package_version_id)
);
create index component_package on component (package_version_id);
