create table person (
  id uuid primary key,
  name text not null,
  -- how the name is read: kana for Japanese names, empty where the name says it itself
  reading text not null default '',
  email text,
  manager_id uuid references person,
  department text not null default '',
  starts_on date,
  -- last day of employment; from the next day on the person is a leaver
  ends_on date,
  roles text[] not null default '{employee}',
  language text not null default 'en',
  -- who they are was erased; the id stays so that commitments keep their subject
  erased_at timestamptz,
  version integer not null default 1
);
create unique index person_email on person (lower(email)) where email is not null;
create index person_name on person (name, id);
create index person_ends_on on person (ends_on) where ends_on is not null;
create index person_manager on person (manager_id);
create index person_department on person (department, id);
