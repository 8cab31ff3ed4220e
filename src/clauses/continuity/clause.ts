import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const continuity: Clause = {
  id: 'continuity',
  promises: {
    'CON-1': { iso27001: ['A.5.29'] },
    'CON-2': { iso27001: ['A.5.29', 'A.5.30'] },
    'CON-3': { iso27001: ['A.8.13', 'A.8.14'] },
    'CON-4': { iso27001: ['A.8.14'] },
    'CON-5': { iso27001: ['A.5.30'] },
    'CON-6': { iso27001: ['A.5.30', 'A.8.13'] },
  },
  upholders: [],
};
