import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyExport } from '../../../verify/verify.ts';
import { openCheckpoint } from '../../ledger/checkpoint.ts';
import { type ExportSink, writeExport } from '../../ledger/exported.ts';
import { leafHash } from '../../ledger/hash.ts';
import { verifyConsistency, verifyInclusion } from '../../ledger/merkle.ts';
import { parseNoteKey } from '../../ledger/note.ts';
import type { Event } from '../../policy/event.ts';
import { actorWith, type TestWorld, testWorld } from '../testing/world.ts';
import { appendEvents } from './append.ts';
import { exportSource } from './export.ts';
import { ledgerKeys, rotateKey } from './keys.ts';
import {
  checkpointAt,
  erasePrivate,
  newestCheckpoint,
  proveConsistency,
  proveInclusion,
  readEntry,
  type StoredCheckpoint,
} from './reading.ts';
import { sequence } from './sequencer.ts';

const officer = actorWith('01900000-0000-7000-8000-000000000001', 'security-officer');
const person = '01900000-0000-7000-8000-0000000000aa';

async function append(world: TestWorld, count: number, more: Partial<Event> = {}): Promise<void> {
  const events = Array.from({ length: count }, (_, n) => ({
    type: 'Noted',
    subject: `note/${n}`,
    body: { n },
    ...more,
  }));
  await world.database.db
    .transaction()
    .execute((tx) => appendEvents(world, tx, 'test', events, { actor: officer, now: world.now() }));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function folderSink(root: string): ExportSink {
  return {
    create: async (path) => {
      const pieces: Uint8Array[] = [];
      return {
        write: async (bytes) => {
          pieces.push(bytes.slice());
        },
        close: async () => {
          await mkdir(dirname(join(root, path)), { recursive: true });
          await writeFile(join(root, path), Buffer.concat(pieces));
        },
      };
    },
  };
}

describe('the sequencer', async () => {
  const world = await testWorld();
  const { db } = world.database;
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  async function exported(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'kept-export-'));
    folders.push(folder);
    await writeExport(await exportSource(world, []), folderSink(folder));
    return folder;
  }

  test('places every entry once, whoever asks and however often', async () => {
    await append(world, 700, { private: { who: 'Taro Example' }, about: person });
    await Promise.all([sequence(world), sequence(world), append(world, 40), sequence(world)]);
    await sequence(world);
    const { rows } = await sql<{ n: number; low: number; high: number; waiting: number }>`
      select count(distinct index)::int as n, min(index) as low, max(index) as high,
        count(*) filter (where index is null)::int as waiting from ledger_entry`.execute(db);
    expect(rows[0]).toEqual({ n: 740, low: 0, high: 739, waiting: 0 });
  });

  test('signs the root that inclusion and consistency proofs lead to', async () => {
    const [checkpoint, [key]] = [await newestCheckpoint(db), await ledgerKeys(db)];
    const vkey = parseNoteKey(key?.vkey ?? '');
    expect(vkey.ok && openCheckpoint(checkpoint?.note ?? '', [vkey.value]).ok).toBe(true);
    const size = checkpoint?.size ?? 0;
    for (const index of [0, 255, 256, 511, 739]) {
      const entry = await readEntry(db, index);
      const proof = await proveInclusion(db, index, size);
      const leaf = leafHash(entry?.bytes ?? new Uint8Array());
      const root = checkpoint?.root ?? new Uint8Array();
      expect(verifyInclusion({ index, size, leaf, root }, proof)).toEqual({ ok: true });
    }
    const { rows } = await sql<{
      size: number;
    }>`select size from ledger_checkpoint order by size`.execute(db);
    const older = (await checkpointAt(db, rows[0]?.size ?? 0)) as StoredCheckpoint;
    const newer = checkpoint as StoredCheckpoint;
    const proof = await proveConsistency(db, older.size, size);
    expect(verifyConsistency(older, newer, proof)).toEqual({ ok: true });
  });

  test('an export verifies offline, before and after a key rotation and an erasure', async () => {
    const before = await exported();
    expect(await verifyExport(before)).toMatchObject({ ok: true });
    await append(world, 3);
    const { vkey } = await rotateKey(world, officer);
    await append(world, 5);
    await sequence(world);
    expect((await ledgerKeys(db)).map((key) => key.vkey)[1]).toBe(vkey);
    expect(await erasePrivate(db, person)).toBe(700);
    const after = await exported();
    const first = (await ledgerKeys(db))[0]?.vkey ?? '';
    const verified = await verifyExport(after, { key: first, with: before });
    expect(verified.problems).toEqual([]);
    expect(verified.ok).toBe(true);
  });

  test('an export has every blob that an entry names, and nothing that is erasable', async () => {
    const evidence = Buffer.from('1\tkeep\n2\tkeep\n');
    const paper = Buffer.from('signed on paper');
    const [decisionsBlob, signed] = [sha256(evidence), sha256(paper)];
    await append(world, 1, {
      body: { decisionsBlob, paper: signed },
      blobs: { decisionsBlob: evidence },
      erasable: { paper },
    });
    // A later entry may name what is stored.
    await append(world, 1, { body: { acts: [{ ordersBlob: decisionsBlob }] } });
    await sequence(world);
    await sql`delete from blob where sha256 = decode(${signed}, 'hex')`.execute(db);
    const folder = await exported();
    expect(await verifyExport(folder)).toMatchObject({ ok: true });
    const file = join(folder, 'blob', decisionsBlob.slice(0, 2), decisionsBlob);
    expect(await readFile(file)).toEqual(evidence);
    await writeFile(file, '1\tkeep\n2\tkeeq\n');
    expect(await verifyExport(folder)).toMatchObject({ ok: false });
    await rm(file);
    const without = await verifyExport(folder);
    expect(without.ok).toBe(false);
    expect(without.problems.map((problem) => problem.file)).toContain(
      `blob/${decisionsBlob.slice(0, 2)}/${decisionsBlob}`,
    );
  });

  test('evidence is named so that an export takes it along', async () => {
    const bytes = Buffer.from('1\n');
    const digest = sha256(bytes);
    const misnamed = { items: bytes } as unknown as { readonly itemsBlob: Uint8Array };
    await expect(append(world, 1, { body: { items: digest }, blobs: misnamed })).rejects.toThrow(
      'Noted.items is evidence',
    );
    await expect(
      append(world, 1, { body: { paperBlob: digest }, erasable: { paperBlob: bytes } }),
    ).rejects.toThrow('Noted.paperBlob is erasable');
    await expect(
      append(world, 1, {
        body: { itemsBlob: sha256(Buffer.from('2\n')) },
        blobs: { itemsBlob: bytes },
      }),
    ).rejects.toThrow('names the digest of its blob');
    await expect(append(world, 1, { body: { itemsBlob: digest } })).rejects.toThrow(
      'named by an entry, and not brought',
    );
  });

  test('does not append to a tree that was tampered with', async () => {
    await sql`update ledger_tile set bytes = set_byte(bytes, 0, get_byte(bytes, 0) # 1)
      where level = 0 and n = (select max(n) from ledger_tile where level = 0)`.execute(db);
    await append(world, 1);
    await expect(sequence(world)).rejects.toThrow('tiles lead to the root');
  });
});
