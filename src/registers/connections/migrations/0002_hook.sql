-- Webhooks of a source: what it tells by itself, signed with a secret of their own.
create table connection_hook (
  connection_id uuid primary key references connection,
  -- sealed by the installation's master key
  secret bytea not null,
  set_up_at timestamptz not null
);

-- What was delivered, so that nothing is taken in twice: by its id, and by what it was.
create table hook_delivery (
  connection_id uuid not null references connection,
  -- as the source numbers it; a delivery that is repeated keeps it
  delivery text not null,
  -- SHA-256 of the body in hex: the number of a delivery is not signed, its body is
  digest text not null,
  at timestamptz not null,
  primary key (connection_id, delivery),
  unique (connection_id, digest)
);
create index hook_delivery_at on hook_delivery (at);
