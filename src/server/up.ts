import { flushCompileCache } from 'node:module';
import { Fault } from '../kernel/fault.ts';
import { log } from '../platform/log.ts';
import { saveMemory } from '../platform/memory.ts';
import {
  type Environment,
  isLoopback,
  readSettings,
  type Settings,
  wrongSettingText,
} from '../platform/settings.ts';
import type { World } from '../platform/world.ts';
import {
  type DemoProgress,
  type FillDemo,
  fill,
  readDemoFile,
  wasCutShort,
  writeDemoFile,
} from './demo-file.ts';
import { type ExitCode, exitCodeOf, exitCodes, StartFault } from './fault.ts';
import type { Compose } from './premises.ts';
import { type Started, type StartOptions, start } from './start.ts';

/** The terminal, or whatever stands in its place. */
export interface Console {
  /** A line for people, or an event for programs where these were asked for. */
  say(line: string, event: Readonly<Record<string, unknown>>): void;
  complain(line: string): void;
}

export interface UpOptions {
  readonly env: Environment;
  /** Relative paths start here. */
  readonly folder: string;
  readonly demo: boolean;
  readonly console: Console;
}

/**
 * The life of the process: starts Kept, says where it is, stops it on SIGTERM, SIGINT or SIGHUP.
 *
 * @returns the exit code, once Kept has stopped
 */
export async function up(options: UpOptions): Promise<ExitCode> {
  const { console } = options;
  const read = readSettings(options.env, options.folder, options.demo ? 'data/demo' : 'data');
  if (!read.ok) {
    for (const wrong of read.wrong) console.complain(wrongSettingText(wrong));
    return exitCodes.usage;
  }
  const asked = askedToStop();
  try {
    const started = options.demo
      ? await startDemo(read.settings, console, asked)
      : await start(read.settings, {
          ...(await parts(read.settings)),
          onProgress: progressOf(console),
        });
    try {
      announce(started, console);
      // What was compiled is kept now: who is killed later keeps nothing.
      flushCompileCache();
      if (!options.demo) saveMemory();
      const failure = await Promise.race([asked.once.then(() => null), started.failed]);
      if (failure !== null) console.complain(failure);
      else console.say('Stopping', { event: 'stopping' });
      return failure === null ? exitCodes.stopped : exitCodes.databaseFailed;
    } finally {
      await started.stop();
    }
  } catch (thrown) {
    if (thrown instanceof StoppedEarly) return exitCodes.stopped;
    const code = exitCodeOf(thrown);
    // What the operator can put right is told in a line; the rest is a bug, and needs its stack.
    if (!(thrown instanceof Fault)) log.error('Kept could not start', { error: thrown });
    console.complain((thrown as Error).message);
    return code;
  }
}

interface Asked {
  readonly once: Promise<void>;
  yet(): boolean;
}

/** Asked to stop while the sample company was being made. */
class StoppedEarly extends Error {}

/**
 * The first signal that asks to stop. One that comes before Kept is ready is answered as soon as it
 * is; a second one does not wait: it ends the process, which loses nothing acknowledged.
 */
function askedToStop(): Asked {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(exitCodes.fault);
      asked = true;
      resolve();
    });
  }
  return { once: promise, yet: () => asked };
}

function announce(started: Started, console: Console): void {
  if (started.setupLink) {
    console.say(`Set up your organisation within 24 hours: ${started.setupLink}`, {
      event: 'setup',
      url: started.setupLink,
    });
  }
  console.say(`Kept is ready at ${started.url}`, { event: 'ready', url: started.url });
}

function progressOf(console: Console): (line: string) => void {
  return (line) =>
    console.say(`${line[0]?.toUpperCase() ?? ''}${line.slice(1)}`, {
      event: 'progress',
      what: line,
    });
}

type Composing = Pick<StartOptions, 'compose' | 'whileWaiting' | 'whileMigrating'>;

/**
 * The composition root, with everything it imports, is loaded while PostgreSQL starts, and not at
 * all for a wrong setting; what everybody may is worked out while it migrates. Both hold this process
 * up, so PostgreSQL's are begun first.
 */
function composing(): Composing {
  let loaded: Promise<typeof import('./compose.ts')> | undefined;
  const load = () => (loaded ??= import('./compose.ts'));
  const compose: Compose = async (premises) => (await load()).compose(premises);
  // A module that cannot be loaded is told by whoever composes, not by an unheard rejection.
  const unheard = (): void => undefined;
  return {
    compose,
    whileWaiting: () => void load().catch(unheard),
    whileMigrating: () => {
      load()
        .then((all) => all.authorizerOfRooms())
        .catch(unheard);
    },
  };
}

async function parts(settings: Settings): Promise<Composing> {
  if ((await readDemoFile(settings.dataFolder)) || (await wasCutShort(settings.dataFolder))) {
    throw new StartFault(
      exitCodes.usage,
      `${settings.dataFolder} holds the demo; choose another KEPT_DATA for your organisation, or run kept demo`,
    );
  }
  return composing();
}

async function startDemo(settings: Settings, console: Console, asked: Asked): Promise<Started> {
  if (!isLoopback(settings.host)) {
    throw new StartFault(
      exitCodes.usage,
      `the demo lets everybody in as whoever they choose, and so listens on this machine alone: KEPT_HOST must not be ${settings.host}`,
    );
  }
  const folder = settings.dataFolder;
  const parts = composing();
  const fills = !(await readDemoFile(folder));
  const options: StartOptions = {
    ...parts,
    whileWaiting: () => {
      parts.whileWaiting?.();
      // Where it cannot be loaded, that is told by whoever fills.
      if (fills) import('../sim/demo.ts').catch(() => undefined);
    },
    demo: true,
    afresh: await wasCutShort(folder),
    onProgress: progressOf(console),
    prepare: (world) => prepareDemo(folder, world, console, asked),
  };
  return start(settings, options);
}

async function prepareDemo(
  folder: string,
  world: World,
  console: Console,
  asked: Asked,
): Promise<void> {
  const before = await readDemoFile(folder);
  if (before && (await world.organisation())) {
    await writeDemoFile(folder, { ...before, url: world.url });
    return;
  }
  if (await world.organisation()) {
    throw new StartFault(
      exitCodes.usage,
      `${folder} holds an organisation that is not the demo's; choose another KEPT_DATA for the demo`,
    );
  }
  const { fillDemo } = (await import('../sim/demo.ts')) as { fillDemo: FillDemo };
  await fill(folder, world, fillDemo, coarse(console, asked));
}

/** One line for every tenth of the way. */
function coarse(console: Console, asked: Asked): DemoProgress {
  let told = -1;
  return ({ done, total, what }) => {
    if (asked.yet()) throw new StoppedEarly('asked to stop');
    const tenth = Math.floor((done * 10) / Math.max(total, 1));
    if (tenth === told) return;
    told = tenth;
    console.say(`Making the sample company: ${tenth * 10} % (${what})`, {
      event: 'progress',
      what,
      done,
      total,
    });
  };
}
