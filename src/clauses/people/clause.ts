import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; the acknowledgements of PEO-1 are upheld by `publication`; the rest is not upheld yet and shows as unknown. */
export const people: Clause = {
  id: 'people',
  promises: {
    'PEO-1': { iso27001: ['A.5.1', 'A.6.3'] },
    'PEO-2': { iso27001: ['A.5.10', 'A.5.15'] },
    'PEO-3': { iso27001: ['A.7.10', 'A.7.14', 'A.8.10'] },
    'PEO-4': { iso27001: ['A.6.2', 'A.6.6'] },
    'PEO-5': { iso27001: ['A.6.3'] },
    'PEO-6': { iso27001: ['A.5.15', 'A.8.5'] },
  },
  upholders: [],
};
