-- What somebody must do by a time: a line of Today. Occurrences of a duty are tasks of its kind.
create table task (
  id uuid primary key,
  kind text not null,
  promise text not null,
  -- kind/id of the thing it is about
  subject text not null,
  assignee_id uuid references person,
  -- where no person is assigned: anyone with this role
  role text,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  done_at timestamptz,
  done_by uuid references person,
  -- closed without being done: the promise was broken
  missed_at timestamptz,
  cancelled_at timestamptz,
  escalated_at timestamptz,
  detail jsonb not null default '{}',
  -- where in the console it is done; empty where its subject is no page
  path text not null default ''
);
create index task_open on task (due_at, id) where done_at is null and missed_at is null and cancelled_at is null;
create index task_assignee on task (assignee_id, due_at) where done_at is null and missed_at is null and cancelled_at is null;
create index task_subject on task (subject);
create index task_kind on task (kind, opened_at desc);

-- What Kept itself must do at a time. `tick` drains what is due; nothing else does.
create table obligation (
  id uuid primary key,
  clause text not null,
  kind text not null,
  subject text not null,
  due_at timestamptz not null,
  done_at timestamptz,
  attempts integer not null default 0,
  last_error text,
  -- after a failure: not again before then
  retry_at timestamptz
);
create index obligation_due on obligation (due_at, id) where done_at is null;
create index obligation_subject on obligation (subject, kind) where done_at is null;
