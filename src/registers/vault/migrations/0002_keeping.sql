-- Version of a key in the keystore, which numbers them for each customer from 1.
alter table vault_key add column version integer not null default 1;
alter table vault_key alter column version drop default;
create unique index vault_key_version on vault_key (customer_id, version);

-- SHA-256 of the plaintext, sealed: in the clear it would tell who has the same file.
alter table vault_object add column sealed_digest bytea not null;

-- A file that is being written has a row here before its first byte, and loses it in the
-- transaction that gives the object its row: whatever a crash leaves behind is found again. Until
-- `not_before` it is left alone; whoever writes puts that off.
alter table vault_discard add column not_before timestamptz not null;
create index vault_discard_due on vault_discard (not_before);

-- Uploads in parts. The parts are chunks of one age file; `header` begins it and holds no secret.
create table vault_upload (
  id uuid primary key,
  customer_id uuid not null references customer,
  collection text not null,
  sealed_name bytea not null,
  sealed_metadata bytea,
  key_id uuid not null references vault_key,
  stored_as text not null unique,
  header bytea not null,
  -- what the object storage calls it
  token text not null,
  size bigint not null check (size >= 0),
  part_bytes integer not null check (part_bytes > 0),
  begun_at timestamptz not null,
  expires_at timestamptz not null,
  -- what became of it, for whoever asks again
  completed_at timestamptz,
  object_id uuid,
  revision integer
);
create index vault_upload_customer on vault_upload (customer_id);
create index vault_upload_expiry on vault_upload (expires_at);

create table vault_upload_part (
  upload_id uuid not null references vault_upload on delete cascade,
  number integer not null check (number > 0),
  size integer not null,
  -- keyed hash of the SHA-256 of the part: written before the part is sealed, so that one number
  -- never gets two contents
  digest_index bytea not null,
  -- what the object storage wants to see again; null until the part is durable
  mark text,
  primary key (upload_id, number)
);

-- How much is held, in shards that are added up, so that writers do not wait for each other.
-- Owner: a customer, or a product with all of its customers.
create table vault_usage (
  owner_id uuid not null,
  shard smallint not null,
  objects bigint not null,
  object_bytes bigint not null,
  records bigint not null,
  record_bytes bigint not null,
  primary key (owner_id, shard)
) with (fillfactor = 50);

-- How much a customer, or a product, may hold where it differs from what everybody may.
create table vault_quota (
  owner_id uuid primary key,
  objects bigint not null check (objects >= 0),
  bytes bigint not null check (bytes >= 0),
  records bigint not null check (records >= 0)
);

-- What a write with an idempotency key answered. Key and request are keyed hashes; the answer holds
-- ids and numbers.
create table vault_answer (
  customer_id uuid not null references customer,
  key_index bytea not null,
  request_index bytea not null,
  answer jsonb not null,
  at timestamptz not null,
  primary key (customer_id, key_index)
);
create index vault_answer_at on vault_answer (at);

-- Tokens of role `service`, each bound to one product.
create table vault_service (
  token_id uuid primary key,
  product_id uuid not null references product,
  name text not null,
  hash bytea not null unique,
  made_at timestamptz not null,
  made_by uuid references person,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz,
  uses bigint not null default 0
);
create index vault_service_product on vault_service (product_id);

-- One row a batch, as long as the ledger has not told of it.
create unique index vault_unwrap_batch
  on vault_unwrap (customer_id, by_kind, by_id, purpose, from_at) where entry_id is null and by_kind in ('service', 'system');
drop index vault_unwrap_untold;
create index vault_unwrap_untold on vault_unwrap (to_at) where entry_id is null and by_kind <> 'case';

-- Where a re-key stands: objects and records that an old key still seals are what is left to do.
create index vault_object_key on vault_object (key_id, id);
create index vault_record_sealed on vault_record (key_id, id);
