import { outgoing } from '../../platform/http/outgoing.ts';
import type { World } from '../../platform/world.ts';
import { sweepStaged } from '../../registers/accounts/store.staging.ts';
import { type Heart, startHeart } from '../heart.ts';
import { connectors } from './connectors.ts';
import { type Outside, realWait } from './link.ts';
import { createRunner } from './runner.ts';

/** Between two looks at what is to be read or carried out. */
const beatMs = 2_000;
/** A page of a source, and the time for it: large tenants answer slowly. */
const limitBytes = 64 * 1024 * 1024;
const timeoutMs = 100_000;

/** The outside as production has it. @param internalHosts hosts inside that the operator has named */
export function outsideOf(internalHosts: readonly string[]): Outside {
  return {
    connectors,
    fetch: outgoing({ internalHosts, limitBytes, timeoutMs }),
    wait: realWait,
  };
}

export interface RunningConnections {
  /** Ends what is under way where it stands. */
  stop(): Promise<void>;
}

/** Runs connections beside the tick, which a first read of an hour must not hold up. */
export function startConnections(world: World, outside: Outside): RunningConnections {
  const runner = createRunner(world, outside, world.newId());
  let swept = false;
  const heart: Heart = startHeart(async () => {
    // What a process that died had recorded and not swept.
    if (!swept) await sweepStaged(world.database.db);
    swept = true;
    return await runner.runDue();
  }, beatMs);
  return {
    stop: async () => {
      runner.stop();
      await heart.stop();
    },
  };
}
