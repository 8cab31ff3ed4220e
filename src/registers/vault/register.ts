import type { Register } from '../../policy/clause.ts';

/** What customers entrusted: where each sealed object and record is, never what it says. */
export const vault: Register = {
  id: 'vault',
};
