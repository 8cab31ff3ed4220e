-- Two entitlements, of one system or of two, that nobody is to hold together: to order and to pay,
-- to write a change and to release it. Rules are never rewritten: one ends, another begins.
create table duty_rule (
  id uuid primary key,
  name text not null,
  first_id uuid not null references entitlement,
  second_id uuid not null references entitlement,
  -- `forbid`: no grant, unless a person is excepted; `warn`: whoever approves is told
  severity text not null check (severity in ('forbid', 'warn')),
  reason text not null,
  made_at timestamptz not null,
  made_by uuid references person,
  ended_at timestamptz,
  check (first_id <> second_id)
);
create unique index duty_rule_pair on duty_rule (least(first_id, second_id), greatest(first_id, second_id))
  where ended_at is null;
create index duty_rule_first on duty_rule (first_id) where ended_at is null;
create index duty_rule_second on duty_rule (second_id) where ended_at is null;

-- A person who may hold both for a while, and why.
create table duty_exception (
  id uuid primary key,
  rule_id uuid not null references duty_rule,
  person_id uuid not null references person,
  -- the last day on which it holds
  ends_on date not null,
  reason text not null,
  given_at timestamptz not null,
  given_by uuid references person,
  ended_at timestamptz
);
create unique index duty_exception_person on duty_exception (rule_id, person_id) where ended_at is null;
