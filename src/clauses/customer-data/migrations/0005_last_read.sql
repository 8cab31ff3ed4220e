-- When staff last read customers' data, of the reads whose records have been disposed of by schedule:
-- nobody may say "never" because the record of it is gone.
create table case_read_past (
  one boolean primary key default true check (one),
  last_at timestamptz not null
);
