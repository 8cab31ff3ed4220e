import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { World } from '../platform/world.ts';
import { writeWhole } from './local.ts';

/** A person of the sample company that the reader may be. */
export interface Persona {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/** What filling the sample company leaves to be known outside. */
export interface DemoFilled {
  readonly personas: readonly Persona[];
  /** An API token for each role. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** Told how far it is: of so many months of history, for instance. */
export type DemoProgress = (step: {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}) => void;

/** Makes the sample company and its history through the real commands; `src/sim/demo.ts` exports it as `fillDemo`. */
export type FillDemo = (world: World, progress: DemoProgress) => Promise<DemoFilled>;

/** `demo.json` in the data folder, mode 0600. */
export interface DemoFile extends DemoFilled {
  readonly url: string;
}

const fileName = 'demo.json';
/** Stands while the company is being made; found at a start, the filling was cut short. */
const markName = 'demo.filling';

export async function readDemoFile(folder: string): Promise<DemoFile | null> {
  const text = await readFile(join(folder, fileName), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as DemoFile;
  } catch {
    return null;
  }
}

export async function wasCutShort(folder: string): Promise<boolean> {
  return readFile(join(folder, markName)).then(
    () => true,
    () => false,
  );
}

/** Fills an empty installation and writes `demo.json`. */
export async function fill(
  folder: string,
  world: World,
  fillDemo: FillDemo,
  progress: DemoProgress,
): Promise<DemoFilled> {
  await rm(join(folder, fileName), { force: true });
  await writeFile(join(folder, markName), '');
  const filled = await fillDemo(world, progress);
  world.forgetOrganisation();
  await writeDemoFile(folder, { url: world.url, ...filled });
  await rm(join(folder, markName));
  return filled;
}

export async function writeDemoFile(folder: string, demo: DemoFile): Promise<void> {
  await writeWhole(join(folder, fileName), demo);
}
