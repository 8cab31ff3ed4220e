import { z } from 'zod';
import { swiftAnswer } from './answering.ts';
import { type Asked, becauseOf, readJson, readPurpose, standingFor } from './asked.ts';
import { DoorClosed } from './closed.ts';
import { allRewrapped, issueKey, rewrapKey, unwrapKey, unwrapSwiftly, wrapKey } from './issuing.ts';
import { openStanding } from './opening.ts';
import type { Door } from './reading.ts';
import { accountOf } from './swift.ts';

/** Bytes of a key that a product may have wrapped. */
const keyLimitBytes = 4_096;
const bodyLimit = 16 * 1024;
const bytes = z.base64().min(1);
const purpose = z.string();

const issuing = z.strictObject({ purpose });
const wrapping = z.strictObject({ purpose, plaintext: bytes.max(keyLimitBytes * 1.4) });
const unwrapping = z.strictObject({ purpose, wrapped: bytes });

const base64 = (given: Uint8Array): string => Buffer.from(given).toString('base64');

/** The purpose of the body is the one that is counted. */
async function openFor(asked: Asked, customerKey: string, wanted: string): Promise<Door> {
  const standing = await standingFor(asked, customerKey);
  if (standing.custody === 'none') throw new DoorClosed('customerUnknown');
  const because = becauseOf({ ...asked, purpose: readPurpose(wanted) });
  const opened = await openStanding(asked.world, standing, because);
  if (!opened.ok) throw new DoorClosed(opened.refusal.code, opened.refusal.params);
  return opened.value.door;
}

export async function postKey(asked: Asked, customerKey: string): Promise<Response> {
  const input = await readJson(asked, issuing, bodyLimit);
  const door = await openFor(asked, customerKey, input.purpose);
  const { plaintext, wrapped } = await issueKey(door, readPurpose(input.purpose));
  return secret(asked, { plaintext: base64(plaintext), wrapped: base64(wrapped) }, 201);
}

export async function postWrap(asked: Asked, customerKey: string): Promise<Response> {
  const input = await readJson(asked, wrapping, bodyLimit);
  const door = await openFor(asked, customerKey, input.purpose);
  const plaintext = Buffer.from(input.plaintext, 'base64');
  const wrapped = await wrapKey(door, readPurpose(input.purpose), plaintext);
  return secret(asked, { wrapped: base64(wrapped) });
}

export async function postUnwrap(asked: Asked, customerKey: string): Promise<Response> {
  const input = await readJson(asked, unwrapping, bodyLimit);
  const purposed = { ...asked, purpose: readPurpose(input.purpose) };
  const wrapped = Buffer.from(input.wrapped, 'base64');
  const last = accountOf(purposed, customerKey, ['vault', 'keys']);
  const plaintext = last
    ? await unwrapSwiftly(asked.world, last, wrapped)
    : await unwrapKey(await openFor(asked, customerKey, input.purpose), purposed.purpose, wrapped);
  return swiftAnswer(asked, { json: JSON.stringify({ plaintext: base64(plaintext) }) });
}

export async function postRewrap(asked: Asked, customerKey: string): Promise<Response> {
  const input = await readJson(asked, unwrapping, bodyLimit);
  const door = await openFor(asked, customerKey, input.purpose);
  const wrapped = Buffer.from(input.wrapped, 'base64');
  const anew = await rewrapKey(door, readPurpose(input.purpose), wrapped);
  return secret(asked, { wrapped: base64(anew) });
}

export async function postRewrapped(asked: Asked, customerKey: string): Promise<Response> {
  const door = await openFor(asked, customerKey, asked.purpose);
  await allRewrapped(door);
  return asked.context.body(null, 204);
}

function secret({ context: c }: Asked, answer: object, status: 200 | 201 = 200): Response {
  c.header('cache-control', 'no-store');
  return c.json(answer, status);
}
