-- What matching found: a version of a package that an advisory affects.
create table affects (
  package_version_id bigint not null references package_version on delete cascade,
  advisory_id text not null references advisory on delete cascade,
  -- the least fixed version above it; null where there is none
  fixed_in text,
  primary key (package_version_id, advisory_id)
);
create index affects_advisory on affects (advisory_id);

-- Deadlines by class, as they were in force; the newest version is.
create table patch_policy (
  version integer primary key,
  -- [{class: 'critical', fromScore: 9, days: 7}, …] worst first
  classes jsonb not null,
  -- what is known to be exploited has to be fixed within so many days, whatever its class
  exploited_days integer not null check (exploited_days > 0),
  -- longest that an accepted risk may last
  acceptance_days integer not null check (acceptance_days > 0),
  text_en text not null,
  text_ja text not null,
  in_force_at timestamptz not null,
  changed_by text not null
);
insert into patch_policy
  (version, classes, exploited_days, acceptance_days, text_en, text_ja, in_force_at, changed_by)
values (1,
  '[{"class": "critical", "fromScore": 9, "days": 7}, {"class": "high", "fromScore": 7, "days": 30},
    {"class": "medium", "fromScore": 4, "days": 90}, {"class": "low", "fromScore": 0.1, "days": 180}]',
  3, 180,
  'A vulnerability is fixed within 7 days where it is critical, 30 days where it is high, 90 days where it is medium and 180 days where it is low, counted from the day on which we found it. What is known to be exploited is fixed within 3 days. Its class follows from its score in the asset that it endangers. A risk is accepted for at most 180 days, by somebody other than who asks for it.',
  '脆弱性は、発見した日から数えて、緊急は7日、重要は30日、警告は90日、注意は180日以内に修正します。悪用が確認されているものは3日以内に修正します。区分は、影響を受ける資産におけるスコアによって決まります。リスクの受容は180日を限度とし、申請者以外の者が承認します。',
  '2025-01-01T00:00:00Z', 'kept');

-- One vulnerability in one package of one asset.
create table backlog_item (
  id uuid primary key,
  -- shown as V-123
  number integer generated always as identity unique,
  vulnerability_id uuid not null references vulnerability,
  -- `packageKey` of the component; of a finding without a package `file/…` or `site/…`
  package_key text not null,
  component_name text not null,
  system_id uuid not null references system,
  -- fixed: the next inventory no longer matches; nothing else leads there. lapsed: what it stood on fell
  -- away without proof of a fix: its source was retired, its advisory withdrawn or put right
  state text not null default 'open'
    check (state in ('open', 'working', 'notAffected', 'accepted', 'fixed', 'lapsed')),
  opened_at timestamptz not null,
  -- since it was opened, or opened again: what its deadline counts from
  counts_from timestamptz not null,
  closed_at timestamptz,
  reopened integer not null default 0,
  -- own vector; null: the vulnerability's
  own_vector text,
  -- with the asset's requirements (CR, IR, AR)
  score numeric(3, 1),
  -- class of the patch policy; `unrated` where nobody has given a vector
  class text not null check (class in ('critical', 'high', 'medium', 'low', 'none', 'unrated')),
  exploited boolean not null default false,
  due_at timestamptz not null,
  policy_version integer not null references patch_policy,
  assignee_id uuid references person,
  -- smallest version that clears all items of this package in this asset; null where none does
  fix_version text,
  unique (vulnerability_id, package_key, system_id)
);
create index backlog_open on backlog_item (due_at, id) where state in ('open', 'working');
create index backlog_state on backlog_item (state, due_at, id);
create index backlog_system on backlog_item (system_id, state);
create index backlog_assignee on backlog_item (assignee_id, state);
create index backlog_package on backlog_item (package_key, state);

-- Who sees it where: our own matching (`match`), or a tool whose findings were imported.
create table sighting (
  item_id uuid not null references backlog_item on delete cascade,
  source_id uuid not null references source,
  reporter text not null,
  -- of a package; of a rule the place
  version text not null default '',
  fixed_in text,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  gone_at timestamptz,
  -- audit: a complete audit no longer has the package; report: a complete report no longer has the finding;
  -- advisory: it was withdrawn or no longer speaks of the version; retirement: of the source
  gone_because text check (gone_because in ('audit', 'report', 'advisory', 'retirement')),
  primary key (item_id, source_id, reporter, version),
  check ((gone_at is null) = (gone_because is null))
);
create index sighting_source on sighting (source_id, reporter) where gone_at is null;

-- How far matching has come: what is known up to here was held against every advisory.
create table matching (
  single boolean primary key default true check (single),
  -- of package_version
  versions_through bigint not null,
  -- how versions were compared: where that changes, everything is matched again
  rules integer not null
);

-- The audit of a source that the backlog stands on.
create table source_settled (
  source_id uuid primary key references source,
  -- null: it was retired before it was ever audited
  audit_id uuid references audit,
  retired boolean not null,
  settled_at timestamptz not null
);

-- Imports of advisories that the backlog has taken in.
create table import_settled (
  import_id uuid primary key references advisory_import,
  settled_at timestamptz not null
);

-- Not affected, or risk accepted: asked for by one, approved by another, for a time.
create table backlog_decision (
  id uuid primary key,
  item_id uuid not null references backlog_item on delete cascade,
  kind text not null check (kind in ('notAffected', 'accepted')),
  -- VEX: component_not_present, vulnerable_code_not_present, …; null of an accepted risk
  justification text,
  reason text not null,
  until timestamptz not null,
  state text not null default 'asked'
    check (state in ('asked', 'approved', 'refused', 'withdrawn', 'expired', 'ended')),
  -- null: a tool's report stated it
  asked_by uuid references person,
  -- the tool
  reporter text,
  -- those asked for in one act have it in common
  asked_in uuid not null,
  asked_at timestamptz not null,
  decided_by uuid references person,
  decided_at timestamptz,
  note text not null default '',
  check (num_nonnulls(asked_by, reporter) > 0),
  check (decided_by is null or decided_by is distinct from asked_by)
);
create unique index backlog_decision_open on backlog_decision (item_id) where state in ('asked', 'approved');
create index backlog_decision_act on backlog_decision (asked_in) where state = 'asked';
create index backlog_decision_until on backlog_decision (until) where state = 'approved';

-- The issue in the tracker in which it is worked on.
create table backlog_issue (
  item_id uuid primary key references backlog_item on delete cascade,
  repository text not null,
  number integer not null,
  url text not null,
  state text not null,
  seen_at timestamptz not null
);

-- Open items by class, once a day and at each change: what the charts are drawn from.
create table backlog_day (
  day date not null,
  class text not null,
  open integer not null,
  overdue integer not null,
  primary key (day, class)
);
