-- Grants by the day on which they end, for whoever looks each day for those that do.
create index access_grant_ending on access_grant (ends_on) where revoked_at is null and ends_on is not null;
