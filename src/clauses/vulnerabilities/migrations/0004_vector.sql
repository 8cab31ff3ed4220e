-- A vector of one's own by which an item would be less bad than it is: asked for by one, decided by another.
create table backlog_vector (
  item_id uuid primary key references backlog_item on delete cascade,
  -- null: the own one is taken back
  vector text,
  -- class that the item would have
  class text not null check (class in ('critical', 'high', 'medium', 'low', 'none', 'unrated')),
  reason text not null,
  asked_by uuid not null references person,
  asked_at timestamptz not null
);
