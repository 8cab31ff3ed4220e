import { sql } from 'kysely';
import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { routes } from './routes.ts';
import { auditFlow, confirmingFlow } from './store.audits.ts';
import { handBack } from './store.leaving.ts';
import { readingFlow } from './store.reading.ts';
import { sourceFlow } from './store.ts';

/** What is audited for vulnerabilities: repositories, bills of materials, images, products, websites. */
export const sources: Register = {
  id: 'sources',
  flows: {
    source: sourceFlow as unknown as AnyFlow,
    audit: auditFlow as unknown as AnyFlow,
    confirming: confirmingFlow as unknown as AnyFlow,
    reading: readingFlow as unknown as AnyFlow,
  },
  reactions: {
    /** What belonged to a system that is no more is not audited either. */
    SystemRetired: async ({ db, execute }, { subject }) => {
      const systemId = subject.slice('system/'.length);
      const { rows } = await sql<{ id: string }>`
        select id from source where system_id = ${systemId} and retired_at is null order by id`.execute(
        db,
      );
      for (const { id } of rows) await execute(sourceFlow, { do: 'retireSource', id });
    },
  },
  leaving: handBack,
  routes,
};
