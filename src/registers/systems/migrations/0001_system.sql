create table system (
  id uuid primary key,
  -- short name used in imports and on the command line: `erp`, `aws`
  key text not null unique,
  name text not null,
  classification text not null default 'internal'
    check (classification in ('public', 'internal', 'confidential', 'restricted')),
  owner_id uuid references person,
  -- what its loss would do, per property: 1 low, 2 moderate, 3 high (FIPS 199)
  confidentiality smallint not null default 2 check (confidentiality between 1 and 3),
  integrity smallint not null default 2 check (integrity between 1 and 3),
  availability smallint not null default 2 check (availability between 1 and 3),
  -- how people enter
  single_sign_on boolean,
  second_factor boolean,
  -- a read older than this is stale: its facts prove nothing
  stale_after_hours integer not null default 2400 check (stale_after_hours > 0),
  retired_at timestamptz,
  version integer not null default 1
);
create index system_owner on system (owner_id);
