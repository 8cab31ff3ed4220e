import { instantText } from '../../kernel/instant.ts';
import { execute } from '../../platform/execute.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import { answerDays, uploadDays } from '../../registers/vault/facts.ts';
import { forgetAnswers } from '../../registers/vault/store.answers.ts';
import { dueFiles, forgetFiles } from '../../registers/vault/store.discards.ts';
import { unwrapFlow } from '../../registers/vault/store.unwraps.ts';
import { staleUploads } from '../../registers/vault/store.uploads.ts';
import { continueRekeys } from './rekey.ts';
import { abandonUpload } from './uploads.ts';

/** What the vault does by the clock. Each part takes no input but the world and is idempotent. */

/** Files removed in one transaction: as long as it is open, other nodes leave them alone. */
const filesAtOnce = 100;
const uploadsAtOnce = 50;
/** Unwrappings are told of once their minute is over, and whoever counted late has counted. */
const tellAfterMinutes = 2;

/**
 * Removes files that no row names, whose time has come. A file is forgotten only after it is gone.
 *
 * @param customerId of this customer alone: what was discarded when their account ended
 * @returns how many
 */
export async function removeDiscards(
  world: World,
  customerId: string | null = null,
): Promise<number> {
  let removed = 0;
  for (let count = filesAtOnce; count === filesAtOnce; ) {
    count = await world.database.db.transaction().execute(async (tx) => {
      const due = await dueFiles(tx, world.now(), filesAtOnce, customerId);
      await Promise.all(due.map((storedAs) => world.objects.remove(storedAs)));
      await forgetFiles(tx, due);
      return due.length;
    });
    removed += count;
  }
  return removed;
}

/** Gives up uploads past their date, and those of accounts that are gone. @returns how many */
export async function abandonStaleUploads(world: World): Promise<number> {
  let abandoned = 0;
  for (let count = uploadsAtOnce; count === uploadsAtOnce; ) {
    const stale = await staleUploads(world.database.db, world.now(), uploadsAtOnce);
    for (const upload of stale) await abandonUpload({ world }, upload);
    count = stale.length;
    abandoned += count;
  }
  return abandoned;
}

/** Tells the ledger what was unwrapped since it was last told: one entry, whoever it was for. */
export async function tellUnwraps(world: World): Promise<void> {
  const before = instantText(world.now().subtract({ minutes: tellAfterMinutes }));
  await execute(world, unwrapFlow, { do: 'tellUnwraps', before }, { kind: 'system', id: 'vault' });
}

/** What is done once a day: keys of idempotency forgotten, what the storage itself began and never ended. */
export async function keepDaily(world: World): Promise<void> {
  const now = world.now();
  await forgetAnswers(world.database.db, now.subtract({ hours: 24 * answerDays }));
  await world.objects.sweep(now.subtract({ hours: 24 * (uploadDays + 1) }));
}

export interface RunningVault {
  stop(): Promise<void>;
}

const discardsEveryMs = 2_000;
const uploadsEveryMs = 60_000;
const dailyMs = 24 * 3_600_000;

/** Does all of it again and again, never twice at once. */
export function startVault(world: World): RunningVault {
  const runs = [
    repeat('discards of the vault', discardsEveryMs, () => removeDiscards(world)),
    repeat('unwraps of the vault', uploadsEveryMs, () => tellUnwraps(world)),
    repeat('uploads to the vault', uploadsEveryMs, () => abandonStaleUploads(world)),
    repeat('re-keys of the vault', uploadsEveryMs, () => continueRekeys(world)),
    repeat('daily work of the vault', dailyMs, () => keepDaily(world)),
  ];
  return {
    stop: async () => {
      await Promise.all(runs.map((run) => run.stop()));
    },
  };
}

function repeat(what: string, everyMs: number, act: () => Promise<unknown>): RunningVault {
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    running = act()
      .catch((error: unknown) => log.error(`${what} failed`, { error }))
      .finally(() => {
        if (!stopped) timer = setTimeout(run, everyMs).unref();
      });
  };
  timer = setTimeout(run, Math.min(everyMs, 5_000)).unref();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
