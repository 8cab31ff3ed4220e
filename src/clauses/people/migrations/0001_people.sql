-- What the clause may be told: days and months, erasure of leavers. One row once anything was set.
create table people_setting (
  settings jsonb not null
);
create unique index people_setting_single on people_setting ((true));

-- When it was last looked who joined, moved and left, and what each of them owes.
create table people_roster (
  read_at timestamptz not null
);
create unique index people_roster_single on people_roster ((true));

-- Whose erasure is due and not possible yet, and why.
create table erasure_block (
  person_id uuid primary key references person,
  code text not null,
  count integer not null,
  first_at timestamptz not null,
  last_at timestamptz not null
);

-- A course as it was published: Markdown by language, with its questions. Nothing in it changes.
create table course_version (
  id uuid primary key,
  course text not null,
  major integer not null,
  minor integer not null,
  texts jsonb not null,
  titles jsonb not null,
  lessons integer not null,
  questions integer not null,
  -- how many questions are drawn, percent of them that pass, attempts before a pause of so many hours
  draw integer not null,
  pass_percent integer not null,
  attempts integer not null,
  pause_hours integer not null,
  digest text not null,
  published_at timestamptz not null,
  published_by uuid references person,
  withdrawn_at timestamptz,
  unique (course, major, minor)
);

-- What is being written; a save names the revision it was made from.
create table course_draft (
  course text primary key,
  texts jsonb not null,
  revision integer not null,
  edited_at timestamptz not null,
  edited_by uuid references person
);

-- One occurrence of a person's training. Completed once, on its own day; a later one is a row of its own.
create table training (
  id uuid primary key,
  person_id uuid not null references person,
  course text not null,
  because text not null check (because in ('introduction', 'refresher', 'version')),
  assigned_at timestamptz not null,
  -- the last day on which it is in time
  due_on date not null,
  reminded_on date,
  closed_at timestamptz,
  closed_as text check (closed_as in ('completed', 'released')),
  version_id uuid references course_version,
  major integer,
  completed_on date,
  score integer,
  asked integer,
  -- what the certificate is found by
  certificate text unique
);
create unique index training_open on training (person_id, course) where closed_at is null;
create index training_due on training (due_on) where closed_at is null;
create index training_person on training (person_id, course, completed_on desc);
create index training_assigned on training (assigned_at desc, id);

-- One sitting of a test: which questions were drawn, how it went.
create table course_attempt (
  id uuid primary key,
  training_id uuid not null references training,
  person_id uuid not null references person,
  version_id uuid not null references course_version,
  number integer not null,
  started_at timestamptz not null,
  -- ids of the questions with the order in which their options were shown
  questions jsonb not null,
  marked_at timestamptz,
  score integer,
  passed boolean,
  -- lessons of the questions that were answered wrongly
  lessons integer[]
);
create index course_attempt_training on course_attempt (training_id, number desc);

create table checklist_template (
  id uuid primary key,
  kind text not null check (kind in ('joiner', 'mover', 'leaver')),
  -- for holders of a role; null for everyone
  role text,
  titles jsonb not null,
  items jsonb not null,
  version integer not null,
  -- who joined, moved or left before then gets no checklist of it
  created_at timestamptz not null,
  changed_at timestamptz not null,
  retired_at timestamptz
);

-- A checklist of one person, opened from a template as it then was.
create table checklist (
  id uuid primary key,
  template_id uuid not null references checklist_template,
  template_version integer not null,
  kind text not null,
  person_id uuid not null references person,
  titles jsonb not null,
  -- the first day, the day of the change, the last day
  on_date date not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  closed_as text check (closed_as in ('done', 'cancelled'))
);
create index checklist_person on checklist (person_id, template_id);
create index checklist_opened on checklist (opened_at desc, id);

create table checklist_item (
  id uuid primary key,
  checklist_id uuid not null references checklist,
  position integer not null,
  words jsonb not null,
  owner text not null,
  assignee_id uuid references person,
  role text,
  days integer not null,
  due_on date not null,
  path text not null default '',
  done_at timestamptz,
  done_by uuid references person
);
create index checklist_item_list on checklist_item (checklist_id, position);

-- What was disposed of, how, and who saw it. `none`: a leaver's statement that nothing was kept.
create table disposal (
  id uuid primary key,
  medium text not null check (medium in ('paper', 'file', 'storage', 'device', 'none')),
  -- in the words of whoever recorded it
  what text not null,
  method text not null check (method in ('clear', 'purge', 'destroy', 'none')),
  how text not null,
  disposed_on date not null,
  -- in whose hands it had been
  holder_id uuid not null references person,
  witness_id uuid references person,
  recorded_by uuid references person,
  recorded_at timestamptz not null
);
create index disposal_on on disposal (disposed_on desc, id);
create index disposal_holder on disposal (holder_id);
