import { type Inventory, InventoryFault } from './component.ts';

/** Reads the whole text of a file. @throws InventoryFault */
export type Reader = (text: string) => Promise<Inventory>;

/** Loaded when the first file of its kind comes: most installations see few kinds, and a start none. */
type Loaded = () => Promise<(text: string) => Inventory>;

const byName: Readonly<Record<string, Loaded>> = {
  'package-lock.json': async () => (await import('./javascript.ts')).readPackageLock,
  'npm-shrinkwrap.json': async () => (await import('./javascript.ts')).readPackageLock,
  'pnpm-lock.yaml': async () => (await import('./pnpm.ts')).readPnpmLock,
  'yarn.lock': async () => (await import('./yarn.ts')).readYarnLock,
  'bun.lock': async () => (await import('./javascript.ts')).readBunLock,
  'go.mod': async () => (await import('./go.ts')).readGoMod,
  'go.sum': async () => (await import('./go.ts')).readGoSum,
  'Pipfile.lock': async () => (await import('./python.ts')).readPipfileLock,
  'poetry.lock': async () => (await import('./python.ts')).readPoetryLock,
  'uv.lock': async () => (await import('./python.ts')).readUvLock,
  'pdm.lock': async () => (await import('./python.ts')).readPdmLock,
  'Cargo.lock': async () => (await import('./rust.ts')).readCargoLock,
  'Gemfile.lock': async () => (await import('./ruby.ts')).readGemfileLock,
  'gems.locked': async () => (await import('./ruby.ts')).readGemfileLock,
  'composer.lock': async () => (await import('./php.ts')).readComposerLock,
  'pom.xml': async () => (await import('./java.ts')).readPom,
  'gradle.lockfile': async () => (await import('./java.ts')).readGradleLock,
  'buildscript-gradle.lockfile': async () => (await import('./java.ts')).readGradleLock,
  'packages.lock.json': async () => (await import('./dotnet.ts')).readNugetLock,
  'mix.lock': async () => (await import('./beam.ts')).readMixLock,
  'pubspec.lock': async () => (await import('./dart.ts')).readPubspecLock,
  'conan.lock': async () => (await import('./cpp.ts')).readConanLock,
  'renv.lock': async () => (await import('./r.ts')).readRenvLock,
  'stack.yaml.lock': async () => (await import('./haskell.ts')).readStackLock,
  'verification-metadata.xml': async () => (await import('./java.ts')).readGradleVerification,
  'packages.config': async () => (await import('./dotnet.ts')).readPackagesConfig,
  'pylock.toml': async () => (await import('./python.ts')).readPylock,
};

const loadRequirements: Loaded = async () =>
  (await import('./python.requirements.ts')).readRequirements;

/** The reader of a lockfile by its name, without its folder; null where it is none that we read. */
export function readerOf(fileName: string): Reader | null {
  const reader = namedReader(fileName);
  return reader && ((text) => readWhole(fileName, text, reader));
}

function namedReader(fileName: string): Loaded | null {
  if (Object.hasOwn(byName, fileName)) return byName[fileName] ?? null;
  if (/^pylock\.[^.]+\.toml$/.test(fileName)) return byName['pylock.toml'] ?? null;
  return /^(?:[\w-]*[._-])?requirements[\w.-]*\.txt$/.test(fileName) ? loadRequirements : null;
}

/** What is so of every lockfile: an empty one asks for nothing, and a half-merged one is none. */
async function readWhole(fileName: string, text: string, load: Loaded): Promise<Inventory> {
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
  const read = await load();
  return read(plain.toWellFormed());
}
