import { randomBytes } from 'node:crypto';
import { type CustomerVault, openVault } from '../clients/vault/index.ts';

/** The product's side of one large object, as Kept's own client carries it. */
export const objectBytes = 256 * 1024 * 1024;
export const objectPieceBytes = 1024 * 1024;

const piece = randomBytes(objectPieceBytes);

/** Puts an object and gets it again; both in megabytes a second. */
export async function carryObject(
  url: string,
  token: string,
): Promise<{ readonly put: number; readonly get: number }> {
  const customer: CustomerVault = openVault({ url, token }).customer('bench');
  // Whoever has been up for a while has loaded what it calls with.
  await customer.state();
  const { objects } = customer.collection('objects');
  const put = await objectSpeed(() => objects.put('large', stream()).then(() => undefined));
  const get = await objectSpeed(async () => drain((await objects.get('large'))?.bytes));
  return { put, get };
}

/** Megabytes a second. */
export async function objectSpeed(act: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await act();
  return (objectBytes / 1_000_000) * (1_000 / (performance.now() - from));
}

function stream(): ReadableStream<Uint8Array> {
  let left = objectBytes / objectPieceBytes;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- === 0) controller.close();
      else controller.enqueue(piece);
    },
  });
}

async function drain(bytes: ReadableStream<Uint8Array> | undefined): Promise<void> {
  let size = 0;
  for await (const each of bytes ?? []) size += each.length;
  if (size !== objectBytes) throw new Error(`read ${size} of ${objectBytes} bytes`);
}
