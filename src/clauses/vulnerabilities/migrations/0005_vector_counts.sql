-- A vector of one's own by which an item is less bad than by what is published counts where a second person
-- approved it; any other only while it is no less bad.
alter table backlog_item
  -- who approved the own vector; null: nobody
  add column own_vector_by uuid references person,
  -- whether the class follows from the own vector; computed like score and class
  add column own_counts boolean not null default false;
update backlog_item set own_counts = true where own_vector is not null;
