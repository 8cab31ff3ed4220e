-- The log of imports is kept for a time (RET-1). That one was taken in is forgotten with it.
alter table import_settled drop constraint import_settled_import_id_fkey,
  add constraint import_settled_import_id_fkey
    foreign key (import_id) references advisory_import on delete cascade;
