/** Roles that a group may give: not what everyone is, nor what people are not. */
export const mappableRoles = [
  'security-officer',
  'commercial-officer',
  'people',
  'engineer',
  'support',
  'auditor',
] as const;
