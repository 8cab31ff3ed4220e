import { CompiledQuery } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Effect } from '../../policy/event.ts';
import { log } from '../log.ts';
import type { Database } from '../postgres/database.ts';
import type { EffectSink } from '../world.ts';

const queue = 'mail';
const deadLetters = 'mail-undelivered';

export interface MailQueue extends EffectSink {
  /** Starts delivering: `deliver` is retried with growing pauses for about a day, then set aside. */
  begin(deliver: (effect: Effect) => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

/**
 * Outgoing mail in pg-boss. A mail is enqueued in the transaction that causes it and delivered at
 * least once; what cannot be delivered stays in `mail-undelivered` for the operator to see.
 */
export async function openMailQueue(database: Database): Promise<MailQueue> {
  // Loaded where there is a mail server alone.
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    db: { executeSql: (text, values) => database.pool.query(text, values as unknown[]) },
    schema: 'pgboss',
    monitorVacuum: false,
  });
  boss.on('error', (error) => log.error('mail queue', { error }));
  await boss.start();
  await boss.createQueue(deadLetters);
  await boss.createQueue(queue, {
    retryLimit: 12,
    retryDelay: 30,
    retryBackoff: true,
    deadLetter: deadLetters,
  });
  return {
    async enqueue(tx, effects) {
      for (const effect of effects) await boss.send(queue, effect, { db: inTransaction(tx) });
    },
    async begin(deliver) {
      await boss.work<Effect>(queue, { batchSize: 1, pollingIntervalSeconds: 2 }, async (jobs) => {
        for (const job of jobs) await deliver(job.data);
      });
    },
    end: () => boss.stop({ graceful: true, timeout: 5_000 }),
  };
}

function inTransaction(tx: Tx) {
  return {
    executeSql: async (text: string, values?: unknown[]) => {
      const { rows } = await tx.executeQuery(CompiledQuery.raw(text, values ?? []));
      return { rows: rows as never[] };
    },
  };
}

/** Where no mail server is set, nothing is sent; people see the same on Today. */
export const noMail: EffectSink = { enqueue: async () => undefined };
