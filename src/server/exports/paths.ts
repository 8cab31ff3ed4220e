import { hash } from 'node:crypto';

/**
 * Paths in an archive. The customer's own name wherever it is safe on every system; else one made
 * safe, with the object's id, so that it is told apart. The exact name stands in `objects.jsonl`.
 */
export class Paths {
  /** Digests of what was given, as any file system folds it: 48 bits, so that millions fit in memory. */
  readonly #files = new Set<number>();
  readonly #folders = new Set<number>();

  /** Path of an object in its collection; each is given once. */
  of(collection: string, name: string, id: string): string {
    const folder = `objects/${collection}`;
    const own = isSafe(name) ? `${folder}/${name}` : null;
    const path = own && this.#isFree(own) ? own : `${folder}/~/${id}${endingOf(name)}`;
    this.remember(path);
    return path;
  }

  /** Says that a path is taken: by a part that was made before. */
  remember(path: string): void {
    const folded = fold(path);
    this.#files.add(digest(folded));
    for (const folder of foldersOf(folded)) this.#folders.add(digest(folder));
  }

  #isFree(path: string): boolean {
    const folded = fold(path);
    const key = digest(folded);
    if (this.#files.has(key) || this.#folders.has(key)) return false;
    return !foldersOf(folded).some((folder) => this.#files.has(digest(folder)));
  }
}

/** Names of devices that Windows keeps for itself, with any ending. */
const devices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i;
/** What some file system, shell or unpacking program takes for something else. */
const unsafe = /[\p{Cc}\p{Bidi_Control}\\:*?"<>|\ufeff]/u;
const longest = { segment: 200, path: 900 } as const;

function isSafe(name: string): boolean {
  if (Buffer.byteLength(name) > longest.path || unsafe.test(name) || !name.isWellFormed())
    return false;
  // Made-up paths stand under `~`.
  if (name === '~' || name.startsWith('~/')) return false;
  return name
    .split('/')
    .every(
      (segment) =>
        segment !== '' &&
        !/^\.{1,2}$/.test(segment) &&
        !/^ |[ .]$/.test(segment) &&
        !devices.test(segment) &&
        Buffer.byteLength(segment) <= longest.segment,
    );
}

/** The ending of a name, where it is plain: programs go by it. */
function endingOf(name: string): string {
  return /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? '';
}

/** Two paths that fold to the same are one file on a disk that does not tell case or composition apart. */
const fold = (path: string): string => path.normalize('NFKC').toLowerCase();

function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, n) => segments.slice(0, n + 1).join('/'));
}

/** 48 bits of SHA-256: a collision only makes a name longer than it had to be. */
const digest = (text: string): number => hash('sha256', text, 'buffer').readUIntBE(0, 6);
