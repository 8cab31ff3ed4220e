-- Which keys of the keystore a customer has had. The keys themselves never come here, wrapped or
-- not: the keystore is apart (CUS-1).
create table vault_key (
  id uuid primary key,
  customer_id uuid not null references customer,
  -- recipient of age, public: `age1…`
  recipient text not null,
  made_at timestamptz not null,
  -- replaced by a newer one: nothing new is written under it
  replaced_at timestamptz,
  -- gone from the keystore, with proof that it was looked for and not found
  destroyed_at timestamptz
);
create index vault_key_customer on vault_key (customer_id);
create unique index vault_key_current on vault_key (customer_id) where replaced_at is null and destroyed_at is null;

-- An object is visible by having a row here, and gone by not having one. Names are sealed under the
-- customer's key; `name_index` is a keyed hash by which a name is looked up.
create table vault_object (
  id uuid primary key,
  customer_id uuid not null references customer,
  -- kind of record, chosen by the product: schedules and scopes of cases go by it. In the clear.
  collection text not null,
  name_index bytea not null,
  sealed_name bytea not null,
  -- name of the age file in the object storage: random
  stored_as text not null unique,
  key_id uuid not null references vault_key,
  size bigint not null,
  stored_size bigint not null,
  -- SHA-256 of what is stored: what reopening compares
  stored_sha256 bytea not null,
  sealed_metadata bytea,
  -- rises with every overwrite: the entity tag
  revision integer not null default 1,
  made_at timestamptz not null,
  changed_at timestamptz not null
);
create unique index vault_object_name on vault_object (customer_id, collection, name_index);
create index vault_object_list on vault_object (customer_id, collection, id);
create index vault_object_changed on vault_object (customer_id, collection, changed_at);

-- JSON records, sealed one by one.
create table vault_record (
  id uuid primary key,
  customer_id uuid not null references customer,
  collection text not null,
  key_index bytea not null,
  sealed_key bytea not null,
  sealed_value bytea not null,
  key_id uuid not null references vault_key,
  revision integer not null default 1,
  made_at timestamptz not null,
  changed_at timestamptz not null
);
create unique index vault_record_key on vault_record (customer_id, collection, key_index);
create index vault_record_list on vault_record (customer_id, collection, id);
create index vault_record_changed on vault_record (customer_id, collection, changed_at);

-- Files in the object storage that no row names any more (overwritten, deleted, abandoned): to be
-- removed, and only then forgotten.
create table vault_discard (
  stored_as text primary key,
  customer_id uuid not null references customer,
  since timestamptz not null
);

-- Every unwrapping of a customer's key, counted: one row a batch for services, one a read for staff
-- and customers. What the ledger says of it is the digest of these.
create table vault_unwrap (
  id uuid primary key,
  customer_id uuid not null references customer,
  -- service, case, customer, system
  by_kind text not null check (by_kind in ('service', 'case', 'customer', 'system')),
  -- token, case, contact or what Kept did by itself
  by_id text not null,
  -- person of the staff who read, where one did
  person_id uuid references person,
  purpose text not null,
  operations integer not null check (operations > 0),
  from_at timestamptz not null,
  to_at timestamptz not null,
  -- index follows: ledger entry that tells of it
  entry_id uuid
);
create index vault_unwrap_customer on vault_unwrap (customer_id, to_at);
create index vault_unwrap_staff on vault_unwrap (person_id, to_at) where person_id is not null;
create index vault_unwrap_untold on vault_unwrap (to_at) where entry_id is null;
