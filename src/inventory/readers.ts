import { readMixLock } from './beam.ts';
import { type Inventory, InventoryFault } from './component.ts';
import { readConanLock } from './cpp.ts';
import { readPubspecLock } from './dart.ts';
import { readNugetLock, readPackagesConfig } from './dotnet.ts';
import { readGoMod, readGoSum } from './go.ts';
import { readStackLock } from './haskell.ts';
import { readGradleLock, readGradleVerification, readPom } from './java.ts';
import { readBunLock, readPackageLock } from './javascript.ts';
import { readComposerLock } from './php.ts';
import { readPnpmLock } from './pnpm.ts';
import { readRequirements } from './python.requirements.ts';
import { readPdmLock, readPipfileLock, readPoetryLock, readPylock, readUvLock } from './python.ts';
import { readRenvLock } from './r.ts';
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
  'conan.lock': readConanLock,
  'renv.lock': readRenvLock,
  'stack.yaml.lock': readStackLock,
  'verification-metadata.xml': readGradleVerification,
  'packages.config': readPackagesConfig,
  'pylock.toml': readPylock,
};

/** The reader of a lockfile by its name, without its folder; null where it is none that we read. */
export function readerOf(fileName: string): Reader | null {
  const reader = namedReader(fileName);
  return reader && ((text) => readWhole(fileName, text, reader));
}

function namedReader(fileName: string): Reader | null {
  if (Object.hasOwn(byName, fileName)) return byName[fileName] ?? null;
  if (/^pylock\.[^.]+\.toml$/.test(fileName)) return readPylock;
  return /^(?:[\w-]*[._-])?requirements[\w.-]*\.txt$/.test(fileName) ? readRequirements : null;
}

/** What is so of every lockfile: an empty one asks for nothing, and a half-merged one is none. */
function readWhole(fileName: string, text: string, reader: Reader): Inventory {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (plain.trim() === '') {
    const notes = ['the file is empty'];
    return { format: fileName, components: [], roots: [], dependsOn: new Map(), notes };
  }
  const conflict = /^(?:<{7} |>{7} )/m.exec(plain);
  if (conflict) {
    const line = plain.slice(0, conflict.index).split('\n').length;
    throw new InventoryFault(`${fileName} cannot be read: a merge is unsettled at line ${line}`);
  }
  // Half of a pair of code units, which no decoded file has, would be taken for the end of an XML text.
  return reader(plain.toWellFormed());
}
