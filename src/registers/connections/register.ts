import { sql } from 'kysely';
import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { obligations } from './obligations.ts';
import { routes } from './routes.ts';
import { hookFlow } from './store.hooks.ts';
import { connectionFlow } from './store.ts';

export const connections: Register = {
  id: 'connections',
  flows: {
    connection: connectionFlow as unknown as AnyFlow,
    hook: hookFlow as unknown as AnyFlow,
  },
  obligations,
  reactions: {
    /** A system that is no more is not read either. */
    SystemRetired: async ({ db, execute }, { subject }) => {
      const systemId = subject.slice('system/'.length);
      const { rows } = await sql<{ id: string }>`
        select id from connection where system_id = ${systemId} and removed_at is null`.execute(db);
      for (const { id } of rows) await execute(connectionFlow, { do: 'removeConnection', id });
    },
  },
  routes,
};
