-- The account as a whole is ordered to go as well, once, where somebody left: such an order names no entitlement.
alter table revoke_order alter column entitlement_id drop not null;
create unique index revoke_order_account on revoke_order (account_id)
  where entitlement_id is null and proven_at is null and withdrawn_at is null;
