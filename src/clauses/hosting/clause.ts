import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const hosting: Clause = {
  id: 'hosting',
  promises: {
    'HOS-1': { iso27001: ['A.5.19', 'A.5.22', 'A.5.23'] },
    'HOS-2': { iso27001: ['A.5.9', 'A.7.8'] },
  },
  upholders: [],
};
