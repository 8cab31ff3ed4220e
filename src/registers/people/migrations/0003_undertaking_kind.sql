-- Guidance is acknowledged by everyone as an undertaking is signed, but nobody's access waits for it.
alter table undertaking_version add column kind text not null default 'undertaking'
  check (kind in ('undertaking', 'guidance'));
