import type { Register } from '../../policy/clause.ts';

export const advisories: Register = { id: 'advisories' };
