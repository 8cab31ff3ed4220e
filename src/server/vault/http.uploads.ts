import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { instantText } from '../../kernel/instant.ts';
import { objectLimitBytes, partBytes } from '../../registers/vault/facts.ts';
import { partsOf, type UploadRow } from '../../registers/vault/store.uploads.ts';
import { type Asked, bytesOfBody, openFor, readCollection, readJson, readName } from './asked.ts';
import { digestOf, parseDigest, preconditionOf } from './conditions.ts';
import { writtenAnswer } from './http.objects.ts';
import { ProtocolFault } from './problems.ts';
import {
  abandonUpload,
  beginUpload,
  finishUpload,
  partCount,
  putPart,
  uploadOf,
} from './uploads.ts';

const beginning = z.strictObject({
  name: z.string(),
  size: z.int().min(0).max(objectLimitBytes),
  mediaType: z.string().min(1).max(255).nullable().default(null),
});

/** Begins an upload in parts. */
export async function postUpload(
  asked: Asked,
  customerKey: string,
  collectionText: string,
): Promise<Response> {
  const { context: c } = asked;
  const collection = readCollection(collectionText);
  const { name, size, mediaType } = await readJson(asked, beginning, 16 * 1024);
  const { door } = await openFor(asked, customerKey);
  const metadata = mediaType === null ? null : { mediaType, fields: {} };
  const upload = await beginUpload(door, { collection, name: readName(name), size, metadata });
  c.header(
    'location',
    `/vault/v1/customers/${encodeURIComponent(customerKey)}/uploads/${upload.id}`,
  );
  return c.json(shown(upload), 201);
}

function shown(upload: UploadRow) {
  return {
    id: upload.id,
    size: upload.size,
    partBytes: upload.partBytes,
    parts: partCount(upload),
    expiresAt: instantText(upload.expiresAt),
    complete: upload.completedAt !== null,
  };
}

async function open(asked: Asked, customerKey: string, id: string) {
  const { door } = await openFor(asked, customerKey);
  if (!isUuid(id)) throw new ProtocolFault('uploadUnknown');
  return { door, upload: await uploadOf(door, id) };
}

/** Which parts are there. */
export async function getUpload(asked: Asked, customerKey: string, id: string): Promise<Response> {
  const { world, context: c } = asked;
  const { upload } = await open(asked, customerKey, id);
  const parts = await partsOf(world.database.db, upload.id);
  const there = parts
    .filter(({ mark }) => mark !== null)
    .map(({ number, size }) => ({ number, size }));
  return c.json({ ...shown(upload), there });
}

export async function putUploadPart(
  asked: Asked,
  customerKey: string,
  id: string,
  numberText: string,
): Promise<Response> {
  const { context: c } = asked;
  const sha256 = digestOf(c);
  if (!sha256) throw new ProtocolFault('digestMissing');
  const { door, upload } = await open(asked, customerKey, id);
  const number = /^\d{1,6}$/.test(numberText) ? Number(numberText) : 0;
  const bytes = await bytesOfBody(c, partBytes);
  const part = await putPart(door, upload, number, bytes, sha256);
  return c.json({ number: part.number, size: part.size });
}

const completion = z.strictObject({
  /** `sha-256=:…:` or 64 hexadecimal digits of each part, in order. */
  digests: z.array(z.string()).min(1).max(100_000),
});

export async function postCompletion(
  asked: Asked,
  customerKey: string,
  id: string,
): Promise<Response> {
  const precondition = preconditionOf(asked.context);
  const { digests } = await readJson(asked, completion, 8 * 1024 * 1024);
  const { door, upload } = await open(asked, customerKey, id);
  const written = await finishUpload(door, upload, digests.map(readDigest), precondition);
  return writtenAnswer(asked, written);
}

function readDigest(text: string): Uint8Array {
  return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : parseDigest(text);
}

export async function deleteUpload(
  asked: Asked,
  customerKey: string,
  id: string,
): Promise<Response> {
  try {
    const { door, upload } = await open(asked, customerKey, id);
    await abandonUpload(door, upload);
  } catch (thrown) {
    // Abandoning twice is as good as once.
    if (!(thrown instanceof ProtocolFault && thrown.code === 'uploadUnknown')) throw thrown;
  }
  return asked.context.body(null, 204);
}
