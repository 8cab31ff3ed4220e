-- What people ask us to do with their data, wherever they ask it (RET-4).
create table customer_request (
  id uuid primary key,
  -- as people name it in letters: 1, 2, 3, …
  number integer not null unique,
  -- whose data it is about; null while who wrote was not found in the register
  customer_id uuid references customer,
  contact_id uuid references customer_contact,
  kind text not null check (kind in ('access', 'export', 'correct', 'delete', 'close')),
  channel text not null check (channel in ('portal', 'letter', 'mail', 'telephone')),
  -- who wrote, as they wrote it; empty once its time is over
  from_name text not null,
  from_address text not null,
  -- what is asked, in the words of whoever took it in
  what text not null,
  received_on date not null,
  opened_at timestamptz not null,
  -- end of the last day on which it may be answered
  due_at timestamptz not null,
  owner_id uuid references person,
  -- how, by whom and when who asks was made sure of; verified_by is null where the portal did
  method text check (method in ('signedIn', 'calledBack', 'knownAddress', 'document', 'contract')),
  verified_at timestamptz,
  verified_by uuid references person,
  extended_at timestamptz,
  extension text,
  answered_at timestamptz,
  answered_by uuid references person,
  outcome text check (outcome in ('done', 'partly', 'refused', 'withdrawn', 'unverified')),
  answer text,
  -- its time is over: who asked and what they were told is not here any more
  forgotten_at timestamptz,
  version integer not null default 1,
  check ((answered_at is null) = (outcome is null)),
  -- nobody is answered before it was made sure of who they are
  check (answered_at is null or outcome in ('withdrawn', 'unverified') or verified_at <= answered_at)
);
create index customer_request_customer on customer_request (customer_id, opened_at);
create index customer_request_open on customer_request (due_at) where answered_at is null;
create index customer_request_opened on customer_request (opened_at, id);

create table request_setting (
  single boolean primary key default true check (single),
  answer_days integer not null check (answer_days between 1 and 90),
  extension_days integer not null check (extension_days between 1 and 90)
);
