import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const incidents: Clause = {
  id: 'incidents',
  promises: {
    'INC-1': { iso27001: ['A.5.24', 'A.5.26'] },
    'INC-2': { iso27001: ['A.5.25', 'A.6.8'] },
    'INC-3': { iso27001: ['A.5.28'] },
    'INC-4': { iso27001: ['A.5.27'] },
  },
  upholders: [],
};
