-- How the owner of a system wants access to it asked for; without a row, as it ships.
create table access_rule (
  system_id uuid primary key references system,
  -- decides beside the owner, and in their place where it is the owner who asks
  delegate_id uuid references person,
  -- the longest time for which access may be asked for; null: a year
  longest_days integer check (longest_days between 1 and 3660),
  -- who approves what is privileged
  privileged_by text not null default 'owner' check (privileged_by in ('owner', 'officer')),
  -- how access is given and taken there, for a system that no connection acts on
  instructions text not null default ''
);

-- What an entitlement is for, and how one may come to it; without a row it may be asked for.
create table entitlement_offer (
  entitlement_id uuid primary key references entitlement,
  description text not null default '',
  requestable boolean not null default true,
  -- may be taken at once in an emergency
  emergency boolean not null default false
);

-- Somebody asks for access: what, why, until when.
create table access_request (
  id uuid primary key,
  person_id uuid not null references person,
  -- who asks; somebody else than the person where their manager does
  requester_id uuid not null references person,
  system_id uuid not null references system,
  entitlement_id uuid not null references entitlement,
  purpose text not null,
  ends_on date not null,
  -- the grant that is to last longer
  extends_grant_id uuid,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  -- who is to decide; null: the role of security officer
  approver_id uuid references person,
  -- only the security officer decides: what is asked for is privileged and its owner wants it so
  by_officer boolean not null,
  state text not null default 'open' check (state in ('open', 'approved', 'refused', 'withdrawn', 'lapsed')),
  decided_at timestamptz,
  decided_by uuid references person,
  reason text not null default '',
  grant_id uuid
);
create unique index access_request_open on access_request (person_id, entitlement_id) where state = 'open';
create index access_request_asked on access_request (asked_at desc, id);
create index access_request_person on access_request (person_id, asked_at desc);
create index access_request_approver on access_request (approver_id) where state = 'open';

-- Holders were told that a grant ends in so many days.
create table grant_warning (
  grant_id uuid not null,
  days smallint not null,
  primary key (grant_id, days)
);

-- Access taken at once, with a reason and for hours; reviewed after.
create table emergency_access (
  id uuid primary key,
  person_id uuid not null references person,
  system_id uuid not null references system,
  entitlement_id uuid not null references entitlement,
  reason text not null,
  taken_at timestamptz not null,
  ends_at timestamptz not null,
  grant_id uuid not null,
  ended_at timestamptz,
  -- who gave it back before its time; null: the clock
  ended_by uuid references person,
  review_due_at timestamptz,
  reviewed_at timestamptz,
  reviewed_by uuid references person,
  verdict text check (verdict in ('justified', 'unjustified')),
  note text not null default ''
);
create index emergency_access_taken on emergency_access (taken_at desc, id);
create unique index emergency_access_open on emergency_access (person_id, entitlement_id) where ended_at is null;
create index emergency_access_unreviewed on emergency_access (review_due_at) where reviewed_at is null;
