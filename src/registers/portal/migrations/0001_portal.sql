-- What the portal knows of its visitors: contacts of customers (RET-4). Secrets of links, sessions and
-- downloads are not here, only their SHA-256.

-- A link that was mailed: good once, and for minutes.
create table portal_link (
  id uuid primary key,
  hash bytea not null unique,
  -- signIn: opens a session. close: the second word to the closing of an account
  purpose text not null check (purpose in ('signIn', 'close')),
  -- in lower case: to which it was sent, and which it proves
  address text not null,
  contact_id uuid not null references customer_contact on delete cascade,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index portal_link_address on portal_link (address, made_at);
create index portal_link_expires on portal_link (expires_at);

-- A session is one address, proven, and the account that it has chosen among those of that address.
create table portal_session (
  id uuid primary key,
  hash bytea not null unique,
  address text not null,
  contact_id uuid references customer_contact on delete cascade,
  way text not null check (way in ('link', 'passkey', 'demo')),
  -- browser and system, as the browser says
  device text not null,
  made_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index portal_session_address on portal_session (address) where ended_at is null;

-- A passkey of an address: it opens what the address has, and nothing once no account has it.
create table portal_passkey (
  id uuid primary key,
  address text not null,
  credential_id text not null unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  device text not null,
  made_at timestamptz not null,
  last_used_at timestamptz
);
create index portal_passkey_address on portal_passkey (address);

-- What a passkey is asked to sign; used once.
create table portal_challenge (
  challenge text primary key,
  -- null: nobody is signed in yet
  session_id uuid references portal_session on delete cascade,
  expires_at timestamptz not null
);

-- An archive of everything that an account holds, or the making of it.
create table portal_export (
  id uuid primary key,
  customer_id uuid not null references customer,
  contact_id uuid references customer_contact on delete set null,
  -- plain: files as they were. age: files still sealed to the customer's own key
  form text not null check (form in ('plain', 'age')),
  state text not null default 'asked'
    check (state in ('asked', 'running', 'done', 'failed', 'cancelled', 'expired')),
  asked_at timestamptz not null,
  began_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz,
  -- who works at it, and until when nobody else takes it over
  worker uuid,
  worker_until timestamptz,
  items_total bigint not null default 0,
  bytes_total bigint not null default 0,
  items_done bigint not null default 0,
  bytes_done bigint not null default 0,
  -- objects and records in it, and those that were deleted while it was made
  objects bigint not null default 0,
  records bigint not null default 0,
  missed bigint not null default 0,
  -- of the archive
  size bigint,
  sha256 bytea,
  -- read back, every entry against the vault's own digest and count
  verified_at timestamptz,
  failure text
);
create index portal_export_customer on portal_export (customer_id, asked_at desc);
create index portal_export_waiting on portal_export (asked_at) where state in ('asked', 'running');
create unique index portal_export_one on portal_export (customer_id) where state in ('asked', 'running');

-- The archive in parts, each an age file to the customer's own key; what is complete here is not made
-- again when the making was cut off.
create table portal_export_part (
  export_id uuid not null references portal_export on delete cascade,
  number integer not null,
  stored_as text not null unique,
  -- what stands in the part, sealed as well: names are the customer's
  trail_as text not null unique,
  key_version integer not null,
  starts_at bigint not null,
  size bigint not null,
  trail_size bigint not null,
  items integer not null,
  -- where the next part begins: phase, collection, id
  continues jsonb not null,
  primary key (export_id, number)
);

-- A link by which an archive is loaded without a session, by a program for instance.
create table portal_download (
  id uuid primary key,
  hash bytea not null unique,
  export_id uuid not null references portal_export on delete cascade,
  contact_id uuid references customer_contact on delete set null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index portal_download_export on portal_download (export_id);
