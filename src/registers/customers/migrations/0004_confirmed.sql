-- A contact whom staff added, gave another address or more to do waits to be confirmed by somebody
-- else: an owner of the account, or another officer (CUS-2). Null: confirmed, or in need of nobody's
-- word because the customer did it. What stands before this counts as confirmed: who added whom then
-- is in the ledger, and nobody can say it again now.
alter table customer_contact add column unconfirmed_since timestamptz;
-- people of staff who put the contact as it waits; whoever is among them does not confirm it
alter table customer_contact add column placed_by uuid[] not null default '{}';
-- address that the contact had before staff changed it, until that is confirmed: it is told there
alter table customer_contact add column former_email text;
-- the portal was entered while nobody had confirmed: to be looked at even when the contact is removed
alter table customer_contact add column entered_unconfirmed boolean not null default false;
alter table customer_contact add column confirmed_at timestamptz;
alter table customer_contact add column confirmed_by uuid references person;
alter table customer_contact add column confirmed_by_contact uuid references customer_contact;
alter table customer_contact add constraint customer_contact_confirmed_by_another
  check (not coalesce(confirmed_by = any(placed_by), false)
    and (confirmed_by_contact is null or confirmed_by_contact <> id));
alter table customer_contact add constraint customer_contact_waits_or_is_confirmed
  check (unconfirmed_since is null or confirmed_at is null);
create index customer_contact_unconfirmed on customer_contact (unconfirmed_since) where unconfirmed_since is not null;
