import type { Register } from '../../policy/clause.ts';

export const sources: Register = { id: 'sources' };
