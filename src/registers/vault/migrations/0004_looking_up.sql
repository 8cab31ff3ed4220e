-- Names and keys are looked up by their keyed hash alone: customer and collection are hashed with
-- them, and an index that begins with the hash is the only one that fits. Beginning with the
-- customer, three did, and the planner went through a whole collection to find one record.
drop index vault_object_name;
create unique index vault_object_name on vault_object (name_index, customer_id, collection);
drop index vault_record_key;
create unique index vault_record_key on vault_record (key_index, customer_id, collection);

-- A count of the minute is added to again and again: what changes with it must be in no index, or
-- each addition leaves a dead entry in all of them.
drop index vault_unwrap_customer;
create index vault_unwrap_customer on vault_unwrap (customer_id, from_at);
drop index vault_unwrap_staff;
create index vault_unwrap_staff on vault_unwrap (person_id, from_at) where person_id is not null;
drop index vault_unwrap_untold;
create index vault_unwrap_untold on vault_unwrap (from_at) where entry_id is null and by_kind <> 'case';
