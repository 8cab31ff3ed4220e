-- A closure of an account, from the request to the certificate. One at a time for a customer; those
-- that were rolled back stay as they ended (RET-5).
create table closure (
  id uuid primary key,
  customer_id uuid not null references customer,
  -- closing: frozen. reopened: rolled back. erasing: begun, cannot be taken back. erased: nothing is
  -- left but backups of the keystore. certified: those are gone too.
  state text not null check (state in ('closing', 'reopened', 'erasing', 'erased', 'certified')),
  -- day 0, in the organisation's zone
  requested_on date not null,
  requested_at timestamptz not null,
  -- contact who asked; null where staff asked on behalf
  contact_id uuid,
  -- request of the register that it answers (RET-4)
  request_id uuid,
  -- end of day 30: until then everything can be restored
  reopen_until timestamptz not null,
  -- end of day 90, or as many days after a hold that was lifted later
  erase_by timestamptz not null,
  -- when erasing falls due: the end of day 30, or the lifting of a hold that lasted beyond it
  due_at timestamptz not null,
  -- first look at which it was due: it takes two to begin what cannot be taken back
  seen_due_at timestamptz,
  -- SHA-256 over everything held, and how much that was
  seal bytea not null,
  objects integer not null,
  records integer not null,
  bytes bigint not null,
  reopened_at timestamptz,
  reopened_seal bytea,
  begun_at timestamptz,
  -- destroyed in the keystore, looked for and not found
  key_destroyed_at timestamptz,
  -- rows that were removed in every room, by name
  cleared_at timestamptz,
  counts jsonb not null default '{}',
  -- files looked for in the storage, none found
  erased_at timestamptz,
  certified_at timestamptz,
  -- code by which anyone finds the certificate
  code text unique
);
create unique index closure_open on closure (customer_id) where state in ('closing', 'erasing', 'erased');
create index closure_customer on closure (customer_id, requested_at);
create index closure_due on closure (due_at) where state in ('closing', 'erasing', 'erased');

-- Backups of the keystore that were made while the key was in it, followed until they are gone.
create table closure_backup (
  closure_id uuid not null references closure on delete cascade,
  made_at timestamptz not null,
  -- by when it expires by itself
  expires_at timestamptz not null,
  -- looked for, and not found any more
  gone_at timestamptz,
  primary key (closure_id, made_at)
);
