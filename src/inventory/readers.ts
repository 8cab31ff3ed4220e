import { readMixLock } from './beam.ts';
import type { Inventory } from './component.ts';
import { readPubspecLock } from './dart.ts';
import { readNugetLock } from './dotnet.ts';
import { readGoMod, readGoSum } from './go.ts';
import { readGradleLock, readPom } from './java.ts';
import { readBunLock, readPackageLock } from './javascript.ts';
import { readComposerLock } from './php.ts';
import { readPnpmLock } from './pnpm.ts';
import {
  readPdmLock,
  readPipfileLock,
  readPoetryLock,
  readRequirements,
  readUvLock,
} from './python.ts';
import { readGemfileLock } from './ruby.ts';
import { readCargoLock } from './rust.ts';
import { readYarnLock } from './yarn.ts';

/** Reads the whole text of a file. @throws InventoryFault */
export type Reader = (text: string) => Inventory;

const byName: Readonly<Record<string, Reader>> = {
  'package-lock.json': readPackageLock,
  'npm-shrinkwrap.json': readPackageLock,
  'pnpm-lock.yaml': readPnpmLock,
  'yarn.lock': readYarnLock,
  'bun.lock': readBunLock,
  'go.mod': readGoMod,
  'go.sum': readGoSum,
  'Pipfile.lock': readPipfileLock,
  'poetry.lock': readPoetryLock,
  'uv.lock': readUvLock,
  'pdm.lock': readPdmLock,
  'Cargo.lock': readCargoLock,
  'Gemfile.lock': readGemfileLock,
  'gems.locked': readGemfileLock,
  'composer.lock': readComposerLock,
  'pom.xml': readPom,
  'gradle.lockfile': readGradleLock,
  'buildscript-gradle.lockfile': readGradleLock,
  'packages.lock.json': readNugetLock,
  'mix.lock': readMixLock,
  'pubspec.lock': readPubspecLock,
};

/** The reader of a lockfile by its name, without its folder; null where it is none that we read. */
export function readerOf(fileName: string): Reader | null {
  if (Object.hasOwn(byName, fileName)) return byName[fileName] ?? null;
  return /^requirements[\w.-]*\.txt$/.test(fileName) ? readRequirements : null;
}
