-- Sign-in by OpenID Connect: the provider, who is who there, and what is on its way.

-- The provider people sign in with; one row. `sealed` is the client's secret or private key.
create table sign_in_provider (
  single boolean primary key default true check (single),
  enabled boolean not null,
  settings jsonb not null,
  sealed bytea not null,
  revision integer not null,
  changed_at timestamptz not null
);

-- Who a person is at the provider: `subject` as its tokens say it, `object_id` where it is Entra ID.
-- Never an address. `subject` is null until a person linked by object id first signs in.
create table sign_in_identity (
  id uuid primary key,
  person_id uuid not null references person,
  issuer text not null,
  tenant text not null default '',
  subject text,
  object_id text,
  how text not null check (how in ('provisioning', 'invitation', 'officer')),
  linked_at timestamptz not null,
  last_at timestamptz,
  -- when a sign-in was last refused for want of a second factor
  refused_at timestamptz,
  -- roles that the provider gives and a guard of the register of people holds back
  waiting text[] not null default '{}',
  check (subject is not null or object_id is not null),
  unique (issuer, tenant, subject),
  unique (issuer, tenant, object_id),
  unique (issuer, tenant, person_id)
);
create index sign_in_identity_person on sign_in_identity (person_id);

-- Identities that came and nobody knew: the security officer links them, or they are forgotten.
create table sign_in_stranger (
  id uuid primary key,
  -- what the person reads to the security officer
  reference text not null unique,
  issuer text not null,
  tenant text not null default '',
  subject text not null,
  object_id text,
  -- as the provider says; shown, never matched
  name text not null,
  email text not null,
  last_at timestamptz not null,
  unique (issuer, tenant, subject)
);

-- Logins that may do without the provider, for the day on which it is not there.
create table break_glass (
  person_id uuid primary key references person,
  reason text not null,
  named_at timestamptz not null
);

-- Between leaving for the provider and coming back; only hashes of what the browser holds.
create table sign_in_attempt (
  state_hash bytea primary key,
  browser_hash bytea not null,
  nonce text not null,
  -- verifier of PKCE (RFC 7636)
  sealed bytea not null,
  next text not null,
  invitation_hash bytea,
  revision integer not null,
  expires_at timestamptz not null
);
create index sign_in_attempt_expires_at on sign_in_attempt (expires_at);

-- Logout tokens taken, until they would have expired anyway: none is taken twice.
create table logout_token (
  issuer text not null,
  jti text not null,
  expires_at timestamptz not null,
  primary key (issuer, jti)
);

alter table auth_session
  add column identity_id uuid references sign_in_identity on delete cascade,
  -- `sid` of the provider's own session
  add column provider_session text,
  -- sealed; hints at logout whose session is meant
  add column id_token bytea;
create index auth_session_identity on auth_session (identity_id) where identity_id is not null;

-- What clauses may know of logins: their checks judge Kept as they judge any other system.
create view staff_login as
select u.person_id, p.name, p.ends_on,
  exists (select from sign_in_identity as i where i.person_id = u.person_id) as linked,
  exists (select from break_glass as b where b.person_id = u.person_id) as break_glass,
  u.two_factor_enabled or exists (select from auth_passkey as k where k.user_id = u.id) as second_factor,
  exists (select from auth_account as a where a.user_id = u.id and a.password is not null) as has_password,
  -- opened by something of its own: a password or a passkey
  exists (select from auth_account as a where a.user_id = u.id and a.password is not null)
    or exists (select from auth_passkey as k where k.user_id = u.id) as local,
  u.enrol_by
from auth_user as u join person as p on p.id = u.person_id
where p.erased_at is null and p.roles && '{security-officer,commercial-officer,people,engineer,support,auditor,employee}'::text[];

create view sign_in_standing as
select settings->>'label' as label, changed_at from sign_in_provider where enabled;
