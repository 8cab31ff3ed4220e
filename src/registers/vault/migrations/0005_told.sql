-- With what the ledger salts the digest of the purpose; drawn when it is told of the count, and
-- disposed of with it. The id would not do: the disposal lists the ids of what went.
alter table vault_unwrap add column salt uuid;
