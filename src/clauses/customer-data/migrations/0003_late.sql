-- What was missed and done late is done: from now on each is owed until it is.
update task set done_at = it.reviewed_at, done_by = it.reviewed_by
from customer_case it
where task.kind = 'customer-data.reviewEmergency' and task.subject = 'case/' || it.id
  and task.missed_at is not null and task.done_at is null and it.reviewed_at is not null;
update task set done_at = it.reconciled_at, done_by = it.reconciled_by
from customer_case it
where task.kind = 'customer-data.reconcile' and task.subject = 'case/' || it.id
  and task.missed_at is not null and task.done_at is null and it.reconciled_at is not null;
