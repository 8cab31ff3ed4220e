import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { compareExports } from './compare.ts';
import { type Contents, checkBlobs, expectedPaths, readContents } from './contents.ts';
import type { Job } from './jobs.ts';
import { followKeys, type RotationEntry } from './keys.ts';
import { findFiles, type Manifest, readManifest } from './manifest.ts';
import { isWrong, readKey, type VerifierKey } from './note.ts';
import { entriesPerPart, type PartResult, privatePath, registerPath } from './part.ts';
import { runJobs } from './pool.ts';
import { type Check, type CheckName, checkNames, type Problem, Problems } from './problem.ts';
import { hashBytes, levelsAbove, tilePath, tileWidth, type VerifiedTree } from './tree.ts';
import { checkRoot, checkUpperTiles } from './uppertiles.ts';

export type { Check, CheckName, Problem } from './problem.ts';

export interface VerifyOptions {
  /** The key that the reader trusts, in the text form `name+keyid+base64`. Without it, the export's own first key. */
  readonly key?: string;
  /** Folder of another export of the same ledger, older or newer. */
  readonly with?: string;
  /** Threads to use; by default as many as there are processors, and one for a small export. */
  readonly threads?: number;
  /** Told now and then how many entries have been verified. */
  readonly onProgress?: (verified: number, size: number) => void;
}

export interface Verification {
  readonly ok: boolean;
  readonly origin: string;
  readonly size: number;
  /** Root hash in hex; empty where the checkpoint could not be read. */
  readonly root: string;
  /** The key that verification began with, and whether the reader gave it. */
  readonly trusted: { readonly key: string; readonly given: boolean };
  readonly checks: readonly Check[];
  /** The first problems in full; `problemCount` counts all of them. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

/**
 * Verifies an export on disk against itself and the trusted key; uses nothing but what lies in the
 * folder. Never throws for what is wrong with an export, however hostile: that is what the report
 * is for. Throws only where the folder cannot be listed.
 */
export async function verifyExport(
  folder: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const run = new Run(folder, options);
  await run.verify();
  const other = options.with;
  if (other !== undefined && run.manifest !== null) await run.compareWith(other);
  return run.report();
}

class Run {
  readonly #folder: string;
  readonly #options: VerifyOptions;
  readonly #problems = new Problems();
  readonly #checks = new Map<CheckName, Omit<Check, 'name' | 'ok'>>();
  manifest: Manifest | null = null;
  #contents: Contents | null = null;
  #trusted: VerifierKey | null = null;
  #tree: VerifiedTree | null = null;

  constructor(folder: string, options: VerifyOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  async verify(): Promise<void> {
    const found = findFiles(this.#folder);
    for (const file of found.odd)
      this.#problems.add({ check: 'files', file, message: 'it is not a regular file' });
    const bytes = found.files.has('MANIFEST')
      ? await readFile(join(this.#folder, 'MANIFEST'))
      : null;
    const manifest =
      bytes === null
        ? { wrong: 'there is none; the export was never finished' }
        : readManifest(bytes);
    if (isWrong(manifest)) {
      this.#problems.add({ check: 'manifest', file: 'MANIFEST', message: manifest.wrong });
      return;
    }
    this.manifest = manifest;
    this.#compareFiles(manifest, found.files);
    this.#contents = await readContents(this.#folder, manifest, this.#problems);
    this.#trusted = this.#chooseKey(this.#contents);
    await this.#verifyContents(manifest, this.#contents);
  }

  #compareFiles(manifest: Manifest, found: ReadonlyMap<string, number>): void {
    for (const [file, { size }] of manifest.files) {
      const actual = found.get(file);
      if (actual === undefined)
        this.#problems.add({
          check: 'files',
          file,
          message: 'MANIFEST lists it, but it is missing',
        });
      else if (actual !== size) {
        const message = 'the file has not the size that MANIFEST lists';
        this.#problems.add({
          check: 'files',
          file,
          message,
          expected: `${size}`,
          found: `${actual}`,
        });
      }
    }
    for (const file of found.keys()) {
      if (file === 'MANIFEST' || manifest.files.has(file)) continue;
      this.#problems.add({ check: 'files', file, message: 'MANIFEST does not list it' });
    }
    this.#checks.set('files', {
      examined: manifest.files.size,
      says: 'every file is there, unchanged, and none besides',
    });
  }

  #chooseKey(contents: Contents): VerifierKey | null {
    const { key: given } = this.#options;
    if (given === undefined) return contents.firstKey;
    const key = readKey(given);
    if (!isWrong(key)) return key;
    this.#problems.add({ check: 'keys', message: `the key to trust: ${key.wrong}` });
    return null;
  }

  async #verifyContents(manifest: Manifest, contents: Contents): Promise<void> {
    const size = contents.checkpoint?.size ?? 0;
    const expected = expectedPaths(manifest, contents, this.#problems);
    if (expected === null) {
      const message =
        'its signature cannot be verified: without checkpoint and entries the keys cannot be followed';
      this.#problems.add({ check: 'manifest', file: 'MANIFEST', message });
      return;
    }
    const { jobs, parts } = planJobs(this.#folder, size, manifest);
    const results: PartResult[] = [];
    let verified = 0;
    await runJobs(jobs, this.#threads(parts), (result, place) => {
      this.#problems.take({
        listed: result.problems,
        count: result.problemCount,
        failed: result.failed,
      });
      if (!('bundleHashes' in result)) return;
      results[place] = result;
      verified += Math.min(entriesPerPart, size - place * entriesPerPart);
      this.#options.onProgress?.(verified, size);
    });
    this.#tellParts(results, size, manifest);
    await this.#climb(results, contents);
    this.#verifyKeys(results, contents, manifest);
  }

  #threads(parts: number): number {
    // Starting a thread costs more than verifying one part.
    return parts <= 1 ? 1 : (this.#options.threads ?? Math.min(availableParallelism(), 8));
  }

  #tellParts(results: readonly PartResult[], size: number, manifest: Manifest): void {
    this.#checks.set('entries', {
      examined: size,
      says: 'every entry is well-formed, canonical and dated as its id',
    });
    this.#checks.set('register', {
      examined: size,
      says: 'every line of the register is its entry',
    });
    const values = results.reduce((sum, { privateValues }) => sum + privateValues, 0);
    this.#checks.set('private', {
      examined: values,
      says: 'every private value that is left opens its commitment',
    });
    const blobs = checkBlobs(
      new Set(results.flatMap((result) => result.blobs)),
      manifest,
      this.#problems,
    );
    this.#checks.set('blobs', {
      examined: blobs,
      says: 'every blob that an entry names is there and is what its name says',
    });
  }

  /** From the hashes of the bundles up to the root, each level compared with its tiles. */
  async #climb(results: readonly PartResult[], contents: Contents): Promise<void> {
    const size = contents.checkpoint?.size ?? 0;
    const bundles = Buffer.concat(results.map(({ bundleHashes }) => bundleHashes));
    const unfinished = Buffer.from(results.at(-1)?.unfinished ?? []);
    const whole =
      bundles.length / hashBytes === Math.floor(size / tileWidth) &&
      unfinished.length / hashBytes === size % tileWidth;
    if (!whole || contents.checkpoint === null) {
      this.#problems.add({
        check: 'tree',
        message: 'the tree cannot be built: entries are missing',
      });
      return;
    }
    const levels = levelsAbove(bundles);
    this.#tree = {
      folder: this.#folder,
      origin: contents.checkpoint.origin,
      size,
      levels,
      unfinished,
    };
    const tiles = await checkUpperTiles(this.#tree, this.#problems);
    checkRoot(this.#tree, contents.checkpoint, 'checkpoint', unfinished, this.#problems);
    for (const { file, checkpoint } of contents.rotations) {
      if (checkpoint === null || checkpoint.size > size) continue; // reported with the keys
      const bundle = Math.floor(checkpoint.size / tileWidth);
      const width = Math.min(tileWidth, size - bundle * tileWidth);
      const leaves =
        width <= 0 ? Buffer.alloc(0) : await readTile(this.#folder, tilePath(0, bundle, width));
      if (leaves.length === Math.max(0, width) * hashBytes)
        checkRoot(this.#tree, checkpoint, file, leaves, this.#problems);
    }
    const examined = Math.ceil(size / tileWidth) + tiles;
    this.#checks.set('tree', {
      examined,
      says: 'every tile follows from the entries, and so do the roots',
    });
  }

  #verifyKeys(results: readonly PartResult[], contents: Contents, manifest: Manifest): void {
    const entries: RotationEntry[] = results.flatMap(({ rotations }) => rotations);
    const chain = followKeys(contents, entries, this.#trusted, manifest, this.#problems);
    this.#checks.set('keys', {
      examined: chain.keys,
      says: 'the keys follow from the trusted one, each rotation signed by both',
    });
    this.#checks.set('checkpoint', {
      examined: 1,
      says: 'the checkpoint is signed by the current key',
    });
    this.#checks.set('manifest', { examined: 1, says: 'MANIFEST is signed by the current key' });
  }

  /** Verifies the other export too, then that one is the beginning of the other. */
  async compareWith(other: string): Promise<void> {
    const key = this.#options.key ?? this.#trusted?.text;
    const run = new Run(other, { ...this.#options, ...(key === undefined ? {} : { key }) });
    await run.verify();
    const report = run.report();
    for (const problem of report.problems) {
      this.#problems.add({
        ...problem,
        check: 'consistency',
        message: `the other export: ${problem.message}`,
      });
    }
    if (this.#tree === null || run.#tree === null) {
      this.#problems.add({
        check: 'consistency',
        message: 'one of the two trees could not be built',
      });
      return;
    }
    const says = await compareExports(this.#tree, run.#tree, this.#problems);
    this.#checks.set('consistency', { examined: Math.min(this.#tree.size, run.#tree.size), says });
  }

  report(): Verification {
    const { failed, listed, count } = this.#problems;
    const checks = checkNames
      .filter((name) => name !== 'consistency' || this.#options.with !== undefined)
      .map((name) => {
        const done = this.#checks.get(name) ?? { examined: 0, says: 'could not be checked' };
        return { name, ok: this.#checks.has(name) && !failed.has(name), ...done };
      });
    return {
      ok: count === 0 && checks.every(({ ok }) => ok),
      origin: this.manifest?.origin ?? '',
      size: this.#contents?.checkpoint?.size ?? 0,
      root: this.#contents?.checkpoint?.root.toString('hex') ?? '',
      trusted: { key: this.#trusted?.text ?? '', given: this.#options.key !== undefined },
      checks,
      problems: listed,
      problemCount: count,
    };
  }
}

async function readTile(folder: string, path: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, path));
  } catch {
    return Buffer.alloc(0);
  }
}

/** Parts first, in order; then the rest of the files in batches. */
function planJobs(
  folder: string,
  size: number,
  manifest: Manifest,
): { jobs: readonly Job[]; parts: number } {
  const rest = new Map(manifest.files);
  const parts: Job[] = [];
  for (let part = 0; part * entriesPerPart < size; part++) {
    const listed = new Map();
    const take = (path: string) => {
      const file = rest.get(path);
      if (file !== undefined) listed.set(path, file);
      rest.delete(path);
    };
    take(registerPath(part));
    take(privatePath(part));
    for (
      let start = part * entriesPerPart;
      start < Math.min(size, (part + 1) * entriesPerPart);
      start += tileWidth
    ) {
      const width = Math.min(tileWidth, size - start);
      take(tilePath('entries', start / tileWidth, width));
      take(tilePath(0, start / tileWidth, width));
    }
    parts.push({ kind: 'part', job: { folder, part, size, listed } });
  }
  const files = [...rest];
  const batches: Job[] = [];
  for (let at = 0; at < files.length; at += 256)
    batches.push({ kind: 'files', job: { folder, files: files.slice(at, at + 256) } });
  return { jobs: [...parts, ...batches], parts: parts.length };
}
