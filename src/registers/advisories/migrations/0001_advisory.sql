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
  changed_at timestamptz not null,
  -- import that changed it last: its rating, its names, or that it is exploited
  import_id uuid,
  -- an advisory said that this one and another are one: what speaks of this one is the other's now
  joined_into uuid references vulnerability,
  check (joined_into is distinct from id)
);
create index vulnerability_shown on vulnerability (name);
create index vulnerability_changed on vulnerability (changed_at desc, id);
create index vulnerability_import on vulnerability (import_id);
create index vulnerability_joined on vulnerability (joined_into) where joined_into is not null;

-- Every name it goes by, its advisories' ids among them.
create table vulnerability_name (
  name text primary key,
  vulnerability_id uuid not null references vulnerability on delete cascade,
  -- a tool called it so; an import of advisories does not take that back
  reported boolean not null default false
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
  -- other names of the same vulnerability, as given; those of a withdrawn advisory join nothing
  aliases text[] not null default '{}',
  -- akin, and not the same: joined with nothing
  related text[] not null default '{}',
  -- [{type, score}] side by side, as given; of a package {type, score, package}
  severities jsonb not null default '[]',
  -- what they come to: newest CVSS version first, else the word of its database
  vector text,
  score numeric(3, 1),
  severity text not null default 'unknown'
    check (severity in ('critical', 'high', 'medium', 'low', 'none', 'unknown')),
  -- [{type, url}]
  links jsonb not null default '[]',
  -- archive or feed it came from
  origin text not null,
  imported_at timestamptz not null,
  -- import that brought it as it is now
  import_id uuid not null
);
create index advisory_import_of on advisory (import_id);
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

-- One import: of a file that was given, or of a feed. Taken in batches, each of which moves it on.
create table advisory_import (
  id uuid primary key,
  kind text not null check (kind in ('osv', 'kev', 'epss')),
  way text not null check (way in ('file', 'feed')),
  origin text not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  asked_by text not null,
  began_at timestamptz not null,
  finished_at timestamptz,
  read integer not null default 0,
  added integer not null default 0,
  changed integer not null default 0,
  unchanged integer not null default 0,
  withdrawn integer not null default 0,
  refused integer not null default 0,
  -- of what is being read: which archive, and how many of its entries have been taken
  part text not null default '',
  position integer not null default 0,
  entries integer,
  -- over ids and times of modification of everything taken so far, in order
  digest text not null default '',
  -- the process that is at work on it, until when, and how often it was taken up
  holder uuid,
  held_until timestamptz,
  attempts integer not null default 0,
  retry_at timestamptz,
  -- why it ended without an end, or is being tried again
  problem text,
  detail text not null default ''
);
create index advisory_import_began on advisory_import (began_at desc, id);
create index advisory_import_finished on advisory_import (finished_at) where finished_at is not null;
create index advisory_import_open on advisory_import (began_at) where state in ('waiting', 'running');

-- An archive while it is imported: any process can go on with it. Gone when the import has ended.
create table advisory_piece (
  import_id uuid not null,
  part text not null,
  piece integer not null,
  bytes bytea not null,
  -- as the bucket marks this state of the archive
  mark text not null default '',
  received_at timestamptz not null,
  primary key (import_id, part, piece)
);
create index advisory_piece_received on advisory_piece (received_at);

-- What was set aside, and why; it stops nothing.
create table advisory_refused (
  import_id uuid not null references advisory_import on delete cascade,
  name text not null,
  reason text not null,
  primary key (import_id, name)
);

-- Where advisories are fetched from, and how often; off until an officer turns it on.
create table advisory_feed (
  kind text primary key check (kind in ('osv', 'kev', 'epss')),
  is_on boolean not null default false,
  address text not null,
  -- of `osv`: which parts of the bucket
  ecosystems text[] not null default '{}',
  every_hours integer not null check (every_hours between 1 and 168),
  -- facts older than this prove nothing
  stale_after_hours integer not null check (stale_after_hours between 1 and 744),
  next_at timestamptz,
  version integer not null default 1
);
insert into advisory_feed (kind, address, ecosystems, every_hours, stale_after_hours) values
  ('osv', 'https://osv-vulnerabilities.storage.googleapis.com', '{npm,PyPI,Go,Maven,NuGet,RubyGems,crates.io,Packagist}', 1, 48),
  ('kev', 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json', '{}', 12, 48),
  ('epss', 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz', '{}', 24, 72);

-- How far each ecosystem of the bucket has been read.
create table advisory_feed_read (
  ecosystem text primary key,
  -- everything modified until then has been taken
  modified_at timestamptz not null,
  -- import that read it last to its end; null while the first is on its way
  import_id uuid
);
