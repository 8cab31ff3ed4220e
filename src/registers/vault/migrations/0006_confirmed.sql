-- A token that was issued or rotated waits to be confirmed by another officer than who made it (CUS-2).
-- What stands before this counts as confirmed: products use it, and who made it is in the ledger.
alter table vault_service add column confirmed_at timestamptz;
alter table vault_service add column confirmed_by uuid references person;
update vault_service set confirmed_at = made_at;
alter table vault_service add constraint vault_service_confirmed_by_another
  check (confirmed_by is null or made_by is null or confirmed_by <> made_by);
create index vault_service_unconfirmed on vault_service (made_at) where confirmed_at is null;
