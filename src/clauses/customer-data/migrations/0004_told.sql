-- Whether the customer was to be told when the case opened, as their terms said at that moment.
alter table customer_case add column told_at_once boolean not null default false;
update customer_case it set told_at_once = it.emergency or customer.told = 'atOnce'
from customer where customer.id = it.customer_id and it.opened_at is not null;
