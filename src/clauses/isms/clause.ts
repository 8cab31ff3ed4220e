import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const isms: Clause = {
  id: 'isms',
  promises: {
    'ISMS-1': { iso27001: ['6.1.2', '6.1.3', '8.2', '8.3'] },
    'ISMS-2': { iso27001: ['6.1.3', 'A.5.1'] },
    'ISMS-3': { iso27001: ['9.2', '9.3', '10.1', '10.2'] },
  },
  upholders: [],
};
