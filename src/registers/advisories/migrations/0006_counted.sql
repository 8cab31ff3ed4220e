-- Advisories that a file had of the ecosystems it is said to be all of, each once; gone when its import has ended.
create table advisory_counted (
  import_id uuid not null,
  -- ecosystem without its release
  family text not null,
  advisory_id text not null,
  primary key (import_id, family, advisory_id)
);
