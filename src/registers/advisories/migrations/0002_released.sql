-- When the catalogue of what is exploited was released that an import took: an older one takes nothing back.
alter table advisory_import add column released_at timestamptz;
