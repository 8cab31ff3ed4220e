-- Reports of auditors on what a provider does for us and we inherit (RET-7). The file is a blob.
create table provider_report (
  id uuid primary key,
  provider text not null,
  title text not null,
  period_from date not null,
  period_to date not null,
  -- last day on which we stand on it
  expires_on date not null,
  -- SHA-256 of the file, hex, and what it is
  file text not null,
  file_name text not null,
  media_type text not null check (media_type in ('application/pdf', 'text/plain')),
  size integer not null,
  -- what stays ours to do
  ours_en text not null,
  ours_ja text not null,
  recorded_at timestamptz not null,
  recorded_by uuid references person,
  withdrawn_at timestamptz,
  check (period_from <= period_to)
);
create index provider_report_provider on provider_report (provider, expires_on) where withdrawn_at is null;
