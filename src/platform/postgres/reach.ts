import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { PostgresFault } from './fault.ts';

/** PostgreSQL 15 is the oldest that we test the idea of; older ones lack what our SQL is written with. */
const oldestVersion = 150_000;
const connectLimitMs = 5_000;
/** A server that says it is starting is waited for: it comes up together with us after a reboot. */
const startingLimitMs = 60_000;

/**
 * Makes sure that a database can be worked with, before anything depends on it.
 *
 * @throws PostgresFault with one line that names what is wrong, and never the password
 */
export async function reachDatabase(url: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 500) {
    try {
      return await tryOnce(url);
    } catch (error) {
      const starting = (error as { code?: string }).code === '57P03';
      if (!starting || waitedMs >= startingLimitMs) throw explained(error, url);
      await pause(500);
    }
  }
}

async function tryOnce(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectLimitMs });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ version: number; encoding: string; may: boolean }>(
      `select current_setting('server_version_num')::integer as version, current_setting('server_encoding') as encoding,
         has_schema_privilege(current_schema(), 'create') as may`,
    );
    const [found] = rows;
    if (!found || found.version < oldestVersion) {
      throw unsuitable(
        `it is PostgreSQL ${Math.floor((found?.version ?? 0) / 10_000)}, and 15 is the oldest that Kept works with`,
      );
    }
    if (found.encoding !== 'UTF8')
      throw unsuitable(`its encoding is ${found.encoding}; create it with encoding UTF8`);
    if (!found.may) throw unsuitable('its user may not create tables in it');
  } finally {
    await client.end();
  }
}

function unsuitable(why: string): PostgresFault {
  return new PostgresFault('unsuitable', `the database of DATABASE_URL cannot be used: ${why}`);
}

/** SQLSTATE (PostgreSQL documentation, appendix A) and errno, in words. */
function explained(cause: unknown, url: string): PostgresFault {
  if (cause instanceof PostgresFault) return cause;
  const code = (cause as { code?: string }).code ?? '';
  const place = placeOf(url);
  if (code === '28P01' || code === '28000') {
    return new PostgresFault(
      'wrongPassword',
      `PostgreSQL at ${place} refuses the user or the password of DATABASE_URL`,
      {
        cause,
      },
    );
  }
  if (code === '3D000') {
    return new PostgresFault(
      'unsuitable',
      `PostgreSQL at ${place} has no such database; create it first`,
      { cause },
    );
  }
  const why = (cause as Error).message?.split('\n')[0] || code;
  return new PostgresFault('unreachable', `no PostgreSQL answers at ${place} (${code || why})`, {
    cause,
  });
}

/** Host, port and database; user and password stay unsaid. */
function placeOf(url: string): string {
  const { host, port, database } = new pg.Client({ connectionString: url });
  const where = host.includes(':') ? `[${host}]` : host;
  return `${host.startsWith('/') ? host : `${where}:${port}`}, database ${database ?? ''}`;
}
