import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const monitoring: Clause = {
  id: 'monitoring',
  promises: {
    'MON-1': { iso27001: ['A.8.15', 'A.8.20'] },
    'MON-2': { iso27001: ['A.8.15'] },
    'MON-3': { iso27001: ['A.8.2', 'A.8.15'] },
    'MON-4': { iso27001: ['A.5.33', 'A.8.15'] },
    'MON-5': { iso27001: ['A.8.6', 'A.8.16'] },
    'MON-6': { iso27001: ['A.8.16'] },
    'MON-7': { iso27001: ['A.8.16'] },
  },
  upholders: [],
};
