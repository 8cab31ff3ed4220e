-- Who may not enter, and since when. `left_at`: everything was taken from them, whatever their last
-- day is; `suspended_at`: they may not enter for a while and keep what they were given.
alter table person add column left_at timestamptz;
alter table person add column suspended_at timestamptz;
-- when a fact of the person last changed; null: not since it was written down
alter table person add column modified_at timestamptz;
create index person_overdue on person (ends_on) where ends_on is not null and left_at is null;

-- Each time everything was taken from a person: by what it was triggered, and how much it was.
create table departure (
  person_id uuid not null references person,
  at timestamptz not null,
  trigger text not null check (trigger in ('endDate', 'provisioning', 'button')),
  -- the moment from which on the seconds count
  triggered_at timestamptz not null,
  counts jsonb not null,
  primary key (person_id, at)
);
