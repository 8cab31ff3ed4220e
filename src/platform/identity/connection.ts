import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

/** Better Auth keeps its times as `Date`; the rest of the house as `Temporal.Instant`. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text));

/**
 * Our pool as Better Auth may use it: the same connections, other types of values, and its camel
 * case spelt in snake case. Never destroyed: the pool is ours.
 */
export function authConnection(pool: pg.Pool): Kysely<object> {
  const lent = {
    options: pool.options,
    end: async () => undefined,
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (text: string, values: readonly unknown[]) =>
          client.query({ text, values: [...values], types }),
        release: () => client.release(),
      };
    },
  };
  return new Kysely<object>({
    // The type also allows cursors, which Better Auth does not use.
    dialect: new PostgresDialect({ pool: lent as never }),
    plugins: [new CamelCasePlugin()],
  });
}
