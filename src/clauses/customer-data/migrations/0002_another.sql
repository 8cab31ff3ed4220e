-- CUS-3: what nobody may do for themselves, said once more where nothing can go round it.
alter table customer_case
  add constraint another_decides check (decided_by <> requester_id),
  add constraint another_reconciles check (reconciled_by <> requester_id),
  add constraint another_reviews check (reviewed_by <> requester_id);
alter table case_extension add constraint decided_once check ((state = 'asked') = (decided_at is null));
