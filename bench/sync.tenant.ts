/** The tenant that is read: how many users, and how many groups each is in. */
export const users = 50_000;
export const groupsInAll = 2_000;
export const groupsEach = 2;

export const credentials = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
  clientSecret: 'sample secret',
};
