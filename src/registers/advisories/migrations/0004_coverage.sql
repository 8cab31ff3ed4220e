-- Of which ecosystems an import is all there is: as who brought the file said, and what it then counted for.
alter table advisory_import add column covers text[] not null default '{}';
alter table advisory_import add column covered text[] not null default '{}';

-- When all of an ecosystem was last read: a handful of advisories makes nothing current.
create table advisory_coverage (
  ecosystem text primary key,
  -- as of when: it had been asked for by then
  read_at timestamptz not null,
  import_id uuid not null
);
