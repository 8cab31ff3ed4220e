-- Since when the key of a closed account is on its way out, or gone: from here on a hold would keep
-- nothing, and none is placed.
alter table customer add column key_leaves_at timestamptz;
update customer set key_leaves_at = coalesce(state_at, since) where state in ('erasing', 'gone');
