-- The manager who was told that a training is late: told once, and a new manager anew.
alter table training add column told_id uuid references person;
