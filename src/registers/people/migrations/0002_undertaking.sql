-- What the organisation asks people to undertake (PEO-4), in versions: the newest of a document that
-- was not withdrawn is in force.
create table undertaking_version (
  id uuid primary key,
  -- `confidentiality`, `information-security`, or a name of the organisation's own
  document text not null,
  number integer not null,
  -- by language
  titles jsonb not null,
  texts jsonb not null,
  -- SHA-256 of the canonical texts and titles, in hex
  digest text not null,
  -- who signed an earlier version must sign again; the first version always binds
  binding boolean not null,
  -- days that those already here, and those who join, have to sign
  sign_days integer not null,
  published_at timestamptz not null,
  published_by uuid references person,
  withdrawn_at timestamptz,
  unique (document, number)
);
create index undertaking_version_binding on undertaking_version (document, number)
  where binding and withdrawn_at is null;

-- A person's signed undertaking. One row per person and version; it is never changed.
create table undertaking (
  id uuid primary key,
  person_id uuid not null references person,
  version_id uuid not null references undertaking_version,
  document text not null,
  number integer not null,
  -- of the version's text, as it was signed
  digest text not null,
  how text not null check (how in ('signed', 'uploaded')),
  -- the day on the paper where it was uploaded, else the moment of signing
  signed_at timestamptz not null,
  filed_at timestamptz not null,
  language text not null,
  -- SHA-256 in hex of the file that was uploaded, and who saw it signed
  file text,
  witness_id uuid references person,
  unique (person_id, version_id)
);
create index undertaking_person on undertaking (person_id, document, number desc);
