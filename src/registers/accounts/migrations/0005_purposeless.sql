-- Grants that do not say what they are for: looked for after every change of a grant, and there should be none.
create index access_grant_purposeless on access_grant (account_id) where revoked_at is null and btrim(purpose) = '';
