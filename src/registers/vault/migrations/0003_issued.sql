-- When a key last wrapped a key for a product that stores elsewhere. What such keys wrap is with the
-- product: until it says that all of it was wrapped anew, an old key must stay.
alter table vault_key add column issued_at timestamptz;
