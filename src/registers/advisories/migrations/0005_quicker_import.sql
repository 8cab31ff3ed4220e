-- Nobody asks for advisories by when they were modified, and every import kept it in order.
drop index advisory_modified;
-- Long texts are packed by the quicker of the two ways, where this PostgreSQL was built with it.
do $$
begin
  alter table advisory alter column details set compression lz4;
  alter table advisory_package alter column affected set compression lz4;
exception when feature_not_supported then null;
end $$;
