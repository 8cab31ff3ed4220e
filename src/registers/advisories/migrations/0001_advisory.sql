-- One vulnerability, whatever names it goes by: advisories that are aliases of each other are one.
create table vulnerability (
  id uuid primary key,
  -- the name shown: a CVE before a GHSA before any other
  name text not null,
  -- advisory: published; rule: what a tool looks for, such as `codeql/js/sql-injection`
  kind text not null default 'advisory' check (kind in ('advisory', 'rule')),
  summary text not null default '',
  published_at timestamptz,
  -- every advisory of it was withdrawn
  withdrawn_at timestamptz,
  -- newest CVSS version that any of its advisories gives, and what it comes to
  vector text,
  score numeric(3, 1),
  severity text not null default 'unknown'
    check (severity in ('critical', 'high', 'medium', 'low', 'none', 'unknown')),
  known_at timestamptz not null,
  changed_at timestamptz not null
);
create index vulnerability_shown on vulnerability (name);
create index vulnerability_changed on vulnerability (changed_at desc, id);

-- Every name it goes by, its advisories' ids among them.
create table vulnerability_name (
  name text primary key,
  vulnerability_id uuid not null references vulnerability on delete cascade
);
create index vulnerability_name_of on vulnerability_name (vulnerability_id);

-- An advisory in the OSV format, as its publisher gave it.
create table advisory (
  id text primary key,
  vulnerability_id uuid not null references vulnerability,
  modified_at timestamptz not null,
  published_at timestamptz,
  withdrawn_at timestamptz,
  summary text not null default '',
  details text not null default '',
  -- [{type, score}] side by side, as given
  severities jsonb not null default '[]',
  links jsonb not null default '[]',
  -- archive or feed it came from
  origin text not null,
  imported_at timestamptz not null
);
create index advisory_vulnerability on advisory (vulnerability_id);
create index advisory_modified on advisory (modified_at desc, id);

-- A package that an advisory speaks of; ranges and versions as OSV writes them.
create table advisory_package (
  id bigint generated always as identity primary key,
  advisory_id text not null references advisory on delete cascade,
  -- as `packageKey` gives it: ecosystem without release, and the name as the ecosystem tells names apart
  package_key text not null,
  -- as written: `Debian:12`
  ecosystem text not null,
  name text not null,
  -- {package, ranges, versions}
  affected jsonb not null
);
create index advisory_package_key on advisory_package (package_key);
create index advisory_package_advisory on advisory_package (advisory_id);

-- CISA: Known Exploited Vulnerabilities.
create table exploited (
  cve text primary key,
  added_on date not null,
  due_on date,
  ransomware boolean not null default false,
  title text not null default '',
  action text not null default ''
);

-- FIRST: Exploit Prediction Scoring System.
create table exploit_prediction (
  cve text primary key,
  score real not null,
  percentile real not null,
  scored_on date not null
);

create table advisory_import (
  id uuid primary key,
  kind text not null check (kind in ('osv', 'kev', 'epss')),
  origin text not null,
  began_at timestamptz not null,
  finished_at timestamptz,
  read integer not null default 0,
  added integer not null default 0,
  changed integer not null default 0,
  unchanged integer not null default 0,
  withdrawn integer not null default 0,
  refused integer not null default 0,
  -- why it ended without an end
  problem text
);
create index advisory_import_began on advisory_import (began_at desc, id);

-- What was set aside, and why; it stops nothing.
create table advisory_refused (
  import_id uuid not null references advisory_import on delete cascade,
  name text not null,
  reason text not null,
  primary key (import_id, name)
);
