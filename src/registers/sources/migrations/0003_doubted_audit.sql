-- An audit after which most of what was known would be gone proves nothing by itself: an upload of the wrong
-- file says the same. It is in doubt until a second person, or Kept's own next reading, says so too.
alter table audit add column doubted boolean not null default false;
-- components that would be gone by it
alter table audit add column missing integer not null default 0;
-- why so much is gone, by whoever gave it; null where Kept read it itself
alter table audit add column gone_because text;
-- the person behind it; null where there is none
alter table audit add column giver_id uuid references person;
alter table audit add column confirmed_by uuid references person;
alter table audit add column confirmed_at timestamptz;
alter table audit add check ((confirmed_by is null) = (confirmed_at is null));
alter table audit add check (confirmed_by is distinct from giver_id or confirmed_by is null);

-- A whole audit showed it: what the next one is held against. What came in part, or in doubt, cannot make up for
-- what is missing.
alter table component add column of_whole boolean not null default true;
alter table component alter column of_whole drop default;
