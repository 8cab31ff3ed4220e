import { lookingOutside } from '../../platform/http/looking.ts';
import type { World } from '../../platform/world.ts';
import { outsideOf } from '../connections/start.ts';
import { startHeart } from '../heart.ts';
import { carryOutIssues } from './issues.ts';
import type { SourcesOutside } from './reading.ts';
import { createSourceRunner } from './runner.ts';

/** Between two looks at what is to be read. */
const beatMs = 5_000;

/** The outside as production has it. @param internalHosts hosts inside that the operator has named */
export function sourcesOutsideOf(internalHosts: readonly string[]): SourcesOutside {
  return { ...outsideOf(internalHosts), look: lookingOutside({ internalHosts }) };
}

export interface RunningSources {
  stop(): Promise<void>;
}

/** Reads sources and keeps their issues beside the tick, which a slow site must not hold up. */
export function startSources(world: World, outside: SourcesOutside): RunningSources {
  const runner = createSourceRunner(world, outside, world.newId());
  const stopped = new AbortController();
  const heart = startHeart(async () => {
    await runner.runDue();
    await carryOutIssues(world, outside, stopped.signal);
  }, beatMs);
  return {
    stop: async () => {
      runner.stop();
      stopped.abort();
      await heart.stop();
    },
  };
}
