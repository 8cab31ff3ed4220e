-- Who may sign in to Kept. The auth_* tables are laid out as Better Auth 1.7 reads them, in snake
-- case; `person_id`, `enrol_by`, `amr`, `refused_at` and `used_codes` are ours.

-- A login; one person has at most one. It goes, with everything below it, when its person leaves.
create table auth_user (
  id text primary key,
  person_id uuid not null unique references person,
  name text not null,
  email text not null,
  email_verified boolean not null default false,
  image text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  two_factor_enabled boolean not null default false,
  -- until when a password alone may enrol the first second factor; null: it may not
  enrol_by timestamptz
);
create unique index auth_user_email on auth_user (lower(email));

create table auth_session (
  id text primary key,
  user_id text not null references auth_user on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- what the sign-in went through (RFC 8176 calls it amr), separated by blanks: pwd otp recovery
  -- passkey persona
  amr text not null default '',
  -- when the guard first refused this session for want of a second factor
  refused_at timestamptz
);
create index auth_session_user on auth_session (user_id);
create index auth_session_expires_at on auth_session (expires_at);

-- Where a password is kept: scrypt, salted. Providers (OIDC) get their rows here too.
create table auth_account (
  id text primary key,
  user_id text not null references auth_user on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (provider_id, account_id)
);
create index auth_account_user on auth_account (user_id);

-- Short-lived values: WebAuthn challenges, the step between password and code.
create table auth_verification (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index auth_verification_identifier on auth_verification (identifier);
create index auth_verification_expires_at on auth_verification (expires_at);

-- TOTP secret and recovery codes, encrypted with the secret derived from the master key.
create table auth_two_factor (
  id text primary key,
  user_id text not null unique references auth_user on delete cascade,
  secret text not null,
  backup_codes text not null,
  verified boolean not null default false,
  failed_verification_count integer not null default 0,
  locked_until timestamptz,
  -- codes taken last, so that none is taken twice (RFC 6238, section 5.2); ours
  used_codes text[] not null default '{}'
);

create table auth_passkey (
  id text primary key,
  user_id text not null references auth_user on delete cascade,
  name text,
  public_key text not null,
  credential_id text not null unique,
  counter bigint not null,
  device_type text not null,
  backed_up boolean not null,
  transports text,
  created_at timestamptz,
  aaguid text
);
create index auth_passkey_user on auth_passkey (user_id);

-- A one-time link by which a person gets, or gets back, their login; only its hash is kept.
create table invitation (
  id uuid primary key,
  person_id uuid not null references person,
  hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz
);
create index invitation_person on invitation (person_id);
create index invitation_open on invitation (created_at) where accepted_at is null and revoked_at is null;
