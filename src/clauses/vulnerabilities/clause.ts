import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const vulnerabilities: Clause = {
  id: 'vulnerabilities',
  promises: {
    'VUL-1': { iso27001: ['A.8.8', 'A.8.29'] },
    'VUL-2': { iso27001: ['A.5.7', 'A.8.8'] },
    'VUL-3': { iso27001: ['A.8.8'] },
    'VUL-4': { iso27001: ['A.8.8', 'A.8.32'] },
  },
  upholders: [],
};
