import { createHash } from 'node:crypto';
import { isUuid } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import { parseEntry } from './entry.ts';
import { KeystoreFault } from './fault.ts';
import type { Backup, Restored } from './keystore.ts';
import type { BackupShelf, Shelf } from './shelf.ts';

const longestDays = 60;
const msPerDay = 86_400_000;
/** `20260105T031500Z.12.SHA256.keys`: what a backup is, readable without opening it. */
const fileName = /^(\d{8}T\d{6}Z)\.(\d+)\.([0-9a-f]{64})\.keys$/;
const firstLine = 'kept keystore backup v1\n';
const destroyedLine = /^destroyed ([0-9a-f-]{36}(?:\.\d+)?)$/;

interface NamedBackup extends Backup {
  readonly name: string;
}

/**
 * Backups of a keystore: each holds the wrapped keys there were, as they were, and what had been
 * destroyed by then, one a line. Without the key-encryption key they open nothing.
 */
export class Backups {
  readonly #shelf: Shelf;
  readonly #backups: BackupShelf;

  constructor(shelf: Shelf, backups: BackupShelf) {
    this.#shelf = shelf;
    this.#backups = backups;
  }

  async make(now: Instant): Promise<Backup> {
    const today = dayOf(now);
    const made = (await this.list()).find(({ at }) => dayOf(at) === today);
    if (made) return made;
    const count = { keys: 0 };
    const name = await this.#backups.write(this.#lines(count), (digest) => {
      const at = now.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '');
      return `${at}.${count.keys}.${digest}.keys`;
    });
    return described(readName(name));
  }

  /** Oldest first. */
  async list(): Promise<readonly Backup[]> {
    return (await this.#named()).map(described);
  }

  async expire(now: Instant, keepDays: number): Promise<readonly Backup[]> {
    if (!Number.isInteger(keepDays) || keepDays < 1 || keepDays > longestDays) {
      throw new KeystoreFault('backup', `a backup is kept for 1 to ${longestDays} days`);
    }
    const expired = (await this.#named()).filter(
      ({ at }) => now.epochMilliseconds - at.epochMilliseconds >= keepDays * msPerDay,
    );
    for (const { name } of expired) await this.#backups.erase(name);
    return expired.map(described);
  }

  async holding(customer: string): Promise<readonly Instant[]> {
    const found: Instant[] = [];
    for (const { name, at } of await this.#named()) {
      const holds = lineMatches(this.#backups.read(name), (line) => entryOf(line) === customer);
      if (await holds) found.push(at);
    }
    return found;
  }

  /** Versions of the key-encryption key that backups need to be opened with. */
  async keks(): Promise<ReadonlySet<string>> {
    const keks = new Set<string>();
    for (const { name } of await this.#named()) {
      for await (const line of linesOf(this.#backups.read(name))) {
        if (line.startsWith('{')) keks.add(parseEntry(line).kek);
      }
    }
    return keks;
  }

  async restore(at: Instant, destroyed: readonly string[]): Promise<Restored> {
    const backup = (await this.#named()).find((one) => one.at.equals(at));
    if (!backup) throw new KeystoreFault('backup', `there is no backup of ${at}`);
    await this.#verify(backup);
    const gone = new Set(destroyed);
    // First what was destroyed by then: those lines stand behind the keys.
    for await (const line of linesOf(this.#backups.read(backup.name))) {
      const [, mark] = destroyedLine.exec(line) ?? [];
      if (mark) gone.add(mark);
    }
    for (const mark of gone) await this.#markDestroyed(mark);
    const count = { restored: 0, destroyed: 0 };
    for await (const line of linesOf(this.#backups.read(backup.name))) {
      if (!line.startsWith('{')) continue;
      const { customer, version } = parseEntry(line);
      if (await this.#shelf.isDestroyed(customer, version)) count.destroyed += 1;
      else if (await this.#shelf.add(customer, version, Buffer.from(line))) count.restored += 1;
    }
    return count;
  }

  async #markDestroyed(mark: string): Promise<void> {
    const [customer = '', version] = mark.split('.');
    if (!isUuid(customer)) throw new KeystoreFault('unknown', 'customers are named by UUIDs');
    const known = await this.#shelf.isDestroyed(customer, version ? Number(version) : undefined);
    if (known) return;
    await (version ? this.#shelf.remove(customer, Number(version)) : this.#shelf.destroy(customer));
  }

  async *#lines(count: { keys: number }): AsyncGenerator<string, void, undefined> {
    yield firstLine;
    for await (const customer of this.#shelf.customers()) {
      for (const version of await this.#shelf.versions(customer)) {
        const bytes = await this.#shelf.read(customer, version);
        if (!bytes) continue;
        count.keys += 1;
        yield `${Buffer.from(bytes).toString()}\n`;
      }
    }
    for await (const mark of this.#shelf.destroyed()) yield `destroyed ${mark}\n`;
  }

  async #named(): Promise<readonly NamedBackup[]> {
    const names = await this.#backups.names();
    return names
      .filter((name) => fileName.test(name))
      .map(readName)
      .sort((a, b) => a.at.epochMilliseconds - b.at.epochMilliseconds);
  }

  async #verify({ name, digest, at }: NamedBackup): Promise<void> {
    const hash = createHash('sha256');
    for await (const piece of this.#backups.read(name)) hash.update(piece);
    if (hash.digest('hex') === digest) return;
    throw new KeystoreFault('backup', `the backup of ${at} is not what was written`);
  }
}

function readName(name: string): NamedBackup {
  const [, at = '', keys, digest = ''] = fileName.exec(name) ?? [];
  return { name, at: Temporal.Instant.from(at), keys: Number(keys), digest };
}

function described({ at, digest, keys }: NamedBackup): Backup {
  return { at, digest, keys };
}

function dayOf(at: Instant): string {
  return at.toString().slice(0, 10);
}

/** Of whom a line holds a key; null for any other line. */
function entryOf(line: string): string | null {
  return line.startsWith('{') ? parseEntry(line).customer : null;
}

async function lineMatches(
  source: AsyncIterable<Uint8Array>,
  matches: (line: string) => boolean,
): Promise<boolean> {
  for await (const line of linesOf(source)) if (matches(line)) return true;
  return false;
}

async function* linesOf(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const piece of source) {
    const lines = (rest + Buffer.from(piece).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
