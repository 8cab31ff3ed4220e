-- What the company sells, and where what customers entrust to it lies (RET-3).
create table product (
  id uuid primary key,
  -- short name used by product back ends and imports: `scheduler`
  key text not null unique,
  name text not null,
  -- cloud: data lies in our cloud; installed: it stays with the customer
  kind text not null check (kind in ('cloud', 'installed')),
  -- vault: Kept holds the data; keys: Kept holds only keys to it; none: Kept holds neither
  custody text not null check (custody in ('vault', 'keys', 'none')),
  retired_at timestamptz,
  version integer not null default 1
);

-- The data map of a product: what, where, who controls it.
create table product_holding (
  id uuid primary key,
  product_id uuid not null references product on delete cascade,
  what_en text not null,
  what_ja text not null,
  place text not null,
  controller text not null check (controller in ('customer', 'company', 'processor')),
  -- collection of the vault in which it lies, where it lies there
  collection text
);
create index product_holding_product on product_holding (product_id);

-- An account of a customer with one product. Who has two products has two accounts.
create table customer (
  id uuid primary key,
  key text not null unique,
  -- null once what remains of a closed account was disposed of (RET-6)
  name text,
  reading text,
  product_id uuid not null references product,
  -- what staff may do with the data stands there (CUS-3)
  basis text not null check (basis in ('terms', 'contract')),
  -- number of the contract, or version of the terms
  basis_reference text not null,
  -- the customer approves each case before anybody else may
  approves_cases boolean not null default false,
  -- when the customer is told of a case
  told text not null default 'atEnd' check (told in ('atOnce', 'atEnd')),
  -- months that data is held by this contract where it differs from the schedule; null: the schedule's (RET-2)
  term_months integer check (term_months > 0),
  language text not null check (language in ('en', 'ja')),
  -- open: in use. closing: frozen, may be rolled back. erasing: the key is gone. gone: certified.
  state text not null default 'open' check (state in ('open', 'closing', 'erasing', 'gone')),
  since timestamptz not null,
  version integer not null default 1
);
create index customer_product on customer (product_id);
create index customer_state on customer (state);

create table customer_contact (
  id uuid primary key,
  customer_id uuid not null references customer,
  name text not null,
  email text not null,
  language text not null check (language in ('en', 'ja')),
  -- owner may close the account and approve cases; member uses the portal; billing only gets mail
  part text not null check (part in ('owner', 'member', 'billing')),
  removed_at timestamptz
);
create unique index customer_contact_email on customer_contact (customer_id, lower(email)) where removed_at is null;
create index customer_contact_by_email on customer_contact (lower(email)) where removed_at is null;

-- A legal hold stops every clock of the customer's data while it is placed.
create table legal_hold (
  id uuid primary key,
  customer_id uuid not null references customer,
  -- why, in prose of the officer who placed it
  reason text not null,
  placed_at timestamptz not null,
  placed_by uuid references person,
  -- when it is to be looked at again
  review_on date not null,
  lifted_at timestamptz,
  lifted_by uuid references person
);
create index legal_hold_customer on legal_hold (customer_id);
create index legal_hold_placed on legal_hold (customer_id) where lifted_at is null;
