import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const office: Clause = {
  id: 'office',
  promises: {
    'OFF-1': { iso27001: ['A.7.1', 'A.7.2'] },
    'OFF-2': { iso27001: ['A.7.2', 'A.7.4'] },
    'OFF-3': { iso27001: ['A.7.3', 'A.7.4'] },
    'OFF-4': { iso27001: ['A.7.4'] },
    'OFF-5': { iso27001: ['A.5.11', 'A.7.2'] },
  },
  upholders: [],
};
