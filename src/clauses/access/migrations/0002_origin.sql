-- Orders to remove access no longer come from reviews alone. What placed them, once each: a review
-- (then the id is the campaign's), a leaver, grants that ran out, an emergency access that ended,
-- somebody who gave access back.
create table revoke_origin (
  id uuid primary key,
  kind text not null check (kind in ('review', 'leaver', 'expiry', 'emergency', 'return')),
  -- whose access it is, where it is one person's
  person_id uuid references person,
  placed_at timestamptz not null,
  -- who had it placed; null: Kept itself, by the clock or by what another system said
  placed_by uuid references person,
  -- when the ledger told it; a review tells each of its acts at once
  announced_at timestamptz
);
create index revoke_origin_person on revoke_origin (person_id, placed_at desc) where person_id is not null;
create index revoke_origin_silent on revoke_origin (placed_at) where announced_at is null;

insert into revoke_origin (id, kind, placed_at, announced_at)
select campaign_id, 'review', min(ordered_at), min(ordered_at) from revoke_order group by campaign_id;

alter table revoke_order rename column campaign_id to origin_id;
-- Whether a person said so, or a connection did it: `carried_out_by` is the one's id or the other's.
alter table revoke_order add column carried_out_how text check (carried_out_how in ('person', 'connection'));
update revoke_order set carried_out_how = 'person' where carried_out_at is not null;
