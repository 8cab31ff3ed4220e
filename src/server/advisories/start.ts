import { outgoing } from '../../platform/http/outgoing.ts';
import type { World } from '../../platform/world.ts';
import { realWait } from '../connections/link.ts';
import { patient } from '../connections/patience.ts';
import { type Heart, startHeart } from '../heart.ts';
import { createImporter } from './importer.ts';

/** Between two looks at what is to be imported. */
const beatMs = 2_000;
/** A piece of an archive, or a whole feed, and the time for it. */
const limitBytes = 64 * 1024 * 1024;
const timeoutMs = 100_000;

export interface RunningAdvisories {
  stop(): Promise<void>;
}

/** Imports advisories beside the tick, which an archive of some minutes must not hold up. */
export function startAdvisories(world: World, internalHosts: readonly string[]): RunningAdvisories {
  const ended = new AbortController();
  const { signal } = ended;
  const fetch = patient(outgoing({ internalHosts, limitBytes, timeoutMs }), {
    now: () => world.now(),
    wait: (ms) => realWait(ms, signal),
    signal,
    for: 'reads',
  });
  const importer = createImporter(world, { fetch }, world.newId());
  const heart: Heart = startHeart(() => importer.runDue(), beatMs);
  return {
    stop: async () => {
      importer.stop();
      ended.abort();
      await heart.stop();
    },
  };
}
