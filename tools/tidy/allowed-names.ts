/**
 * Names that hold a banned word because somebody else's standard, or the policy itself, put it
 * there; each with its reason. A name of our own making never belongs here.
 */
export const ALLOWED_NAMES: Readonly<Record<string, string>> = {
  'customer-data': 'a clause of the policy: access to the data that customers entrust to us',
  customerData: 'the declaration of that clause',
};
