import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const email: Clause = {
  id: 'email',
  promises: {
    'EML-1': { iso27001: ['A.5.14'] },
    'EML-2': { iso27001: ['A.5.14'] },
    'EML-3': { iso27001: ['A.5.14'] },
    'EML-4': { iso27001: ['A.5.14', 'A.8.20'] },
    'EML-5': { iso27001: ['A.6.3', 'A.6.8'] },
  },
  upholders: [],
};
