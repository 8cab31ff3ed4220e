-- When the account came into its state; null: it is in it since it was opened.
alter table customer add column state_at timestamptz;

-- Contacts have versions, as everything that two may edit at once.
alter table customer_contact add column version integer not null default 1;

-- Reading of the list in its usual order, and by product.
create index customer_name on customer (name, id);
create index customer_basis on customer (basis);

-- A hold is looked at again by its date; what was said then is in the ledger.
alter table legal_hold add column reviewed_at timestamptz;
create index legal_hold_review on legal_hold (review_on) where lifted_at is null;
