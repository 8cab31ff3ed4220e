import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const changes: Clause = {
  id: 'changes',
  promises: {
    'CHG-1': { iso27001: ['A.8.32'] },
    'CHG-2': { iso27001: ['A.5.3', 'A.8.25'] },
    'CHG-3': { iso27001: ['A.8.4'] },
    'CHG-4': { iso27001: ['A.8.29'] },
    'CHG-5': { iso27001: ['A.8.31'] },
    'CHG-6': { iso27001: ['A.8.31', 'A.8.32'] },
    'CHG-7': { iso27001: ['A.8.9', 'A.8.32'] },
  },
  upholders: [],
};
