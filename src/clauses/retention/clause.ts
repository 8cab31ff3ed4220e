import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const retention: Clause = {
  id: 'retention',
  promises: {
    'RET-1': { iso27001: ['A.5.33', 'A.5.34', 'A.8.10'] },
    'RET-2': { iso27001: ['A.5.31', 'A.5.33'] },
    'RET-3': { iso27001: ['A.5.9', 'A.5.23'] },
    'RET-4': { iso27001: ['A.5.34'] },
    'RET-5': { iso27001: ['A.8.10'] },
    'RET-6': { iso27001: ['A.5.33'] },
    'RET-7': { iso27001: ['A.7.14', 'A.5.23'] },
  },
  upholders: [],
};
