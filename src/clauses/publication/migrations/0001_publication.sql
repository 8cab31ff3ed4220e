-- One complete text of the policy in all its languages. At most one is being worked on, and at
-- most one is in force.
create table policy_version (
  id uuid primary key,
  -- fixed when it is created: the one after the newest published
  number integer not null,
  state text not null
    check (state in ('draft', 'proposed', 'approved', 'published', 'superseded', 'discarded')),
  origin text not null check (origin in ('published', 'shipped', 'import')),
  created_at timestamptz not null,
  created_by uuid references person,
  proposed_at timestamptz,
  -- the day from which it is in force, in the organisation's zone
  effective_on date,
  -- what changed, in its authors' words, by language; published with it
  summary jsonb not null default '{}',
  -- SHA-256 of the canonical text, fixed when it is proposed
  digest text,
  languages text[] not null,
  approved_at timestamptz,
  approved_by uuid references person,
  -- who must acknowledge, as the approver chose
  ask jsonb,
  rejection text,
  published_at timestamptz,
  superseded_at timestamptz
);
create unique index policy_version_open on policy_version ((true))
  where state in ('draft', 'proposed', 'approved');
create unique index policy_version_in_force on policy_version ((true)) where state = 'published';
create unique index policy_version_number on policy_version (number)
  where state in ('published', 'superseded');

create table policy_clause (
  version_id uuid not null references policy_version,
  clause text not null,
  position integer not null,
  primary key (version_id, clause)
);

create table policy_text (
  version_id uuid not null,
  clause text not null,
  language text not null,
  markdown text not null,
  -- counts saves of this text; an edit names the one it was made from
  revision integer not null default 1,
  edited_at timestamptz not null,
  edited_by uuid references person,
  primary key (version_id, clause, language),
  foreign key (version_id, clause) references policy_clause on delete cascade
);

-- Whoever created, edited or proposed a version: none of them may approve it.
create table policy_author (
  version_id uuid not null references policy_version,
  person_id uuid not null references person,
  primary key (version_id, person_id)
);

-- The promises of a published version, and what upheld each on that day.
create table policy_promise (
  version_id uuid not null references policy_version,
  promise text not null,
  clause text not null,
  position integer not null,
  -- its words by language
  words jsonb not null,
  upholders text[] not null,
  primary key (version_id, promise)
);

-- What this version of Kept declares: the texts that ship, and what upholds each promise. Replaced
-- when Kept starts and the declaration is another one.
create table policy_declaration (
  digest text not null,
  at timestamptz not null
);
create unique index policy_declaration_single on policy_declaration ((true));
create table policy_shipped (
  clause text not null,
  language text not null,
  position integer not null,
  markdown text not null,
  primary key (clause, language)
);
create table policy_upholder (
  promise text not null,
  upholder text not null,
  kind text not null check (kind in ('check', 'duty', 'guard')),
  primary key (promise, upholder)
);

-- The settings of the publication; one row once anything was set. Their shape is in facts.
create table publication_setting (
  settings jsonb not null
);
create unique index publication_setting_single on publication_setting ((true));

create table acknowledgement (
  person_id uuid not null references person,
  version_id uuid not null references policy_version,
  language text not null,
  digest text not null,
  at timestamptz not null,
  second_factor boolean not null,
  primary key (person_id, version_id)
);
create index acknowledgement_at on acknowledgement (at desc);

-- What a person is asked: at most one open request each, always for the version in force.
create table acknowledgement_request (
  person_id uuid not null references person,
  version_id uuid not null references policy_version,
  because text not null check (because in ('joined', 'published')),
  asked_at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz,
  closed_as text check (closed_as in ('acknowledged', 'replaced', 'released')),
  reminded_at timestamptz,
  primary key (person_id, version_id)
);
create unique index acknowledgement_request_open on acknowledgement_request (person_id)
  where closed_at is null;
create index acknowledgement_request_due on acknowledgement_request (due_at, person_id)
  where closed_at is null;

-- When it was last looked who has joined and who has left.
create table acknowledgement_roster (
  read_at timestamptz not null
);
create unique index acknowledgement_roster_single on acknowledgement_roster ((true));

-- What strangers report. Their words and address are personal data: shown to the security officer.
create table vulnerability_report (
  id uuid primary key,
  received_at timestamptz not null,
  about text not null,
  details text not null,
  reporter text not null,
  language text not null,
  answered_at timestamptz,
  answered_by uuid references person,
  outcome text check (outcome in ('confirmed', 'notAVulnerability', 'duplicate', 'spam')),
  answer text
);
create index vulnerability_report_received on vulnerability_report (received_at desc, id);
