-- What keystore and storage really had when they were last looked through, beside what the register
-- says of them; one row.
create table custody_look (
  looked_at timestamptz not null
);
create unique index custody_look_single on custody_look ((true));

-- What was found amiss at that look. keyMissing: the register has a key that the keystore has not.
-- keyLeft: the keystore has a key that was destroyed. filesLeft: of an account that is gone.
create table custody_amiss (
  customer_id uuid not null references customer on delete cascade,
  what text not null check (what in ('keyMissing', 'keyLeft', 'filesLeft')),
  items integer not null check (items > 0),
  primary key (what, customer_id)
);

-- Backups of the keystore that were listed once: one that is not listed any more is gone only if it
-- was erased here, or is past its day.
create table custody_backup (
  made_at timestamptz primary key,
  expires_at timestamptz not null
);
