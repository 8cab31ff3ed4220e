-- Where somebody was when the staff was last read, as a digest of department, manager and roles: who
-- is elsewhere now has moved, whichever way the change came. Whoever has no row is new.
create table person_place (
  person_id uuid primary key references person on delete cascade,
  place bytea not null
);
