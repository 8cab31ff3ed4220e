-- What is at its end is sought by when it ended: schedules go by it (RET-1).
create index portal_export_finished on portal_export (finished_at) where finished_at is not null;
