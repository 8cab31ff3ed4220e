import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { Context } from 'hono';
import type { PlainRange } from '../vault/door.ts';
import { forNobodyElse } from './answer.ts';
import { askedRange } from './range.ts';

/** A file of the customer, to be saved and never to be shown in our name. */
interface Download {
  readonly name: string;
  readonly size: number;
  /** Changes with the content: a download that is gone on with is of the same thing. */
  readonly tag: string;
  readonly mediaType?: string;
  /** Null where it turned out that there is none. */
  readonly read: (range: PlainRange) => Promise<AsyncIterable<Uint8Array> | Response>;
}

/**
 * Nothing in a download may act: opened by itself it is in a sandbox without an origin, it has a
 * neutral type, and browsers are told to save it (CSP 3, section 6.3.2; RFC 6266).
 */
const harmless = {
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  ...forNobodyElse,
} as const;

/** Answers with a file or a range of it. */
export async function sendDownload(c: Context, file: Download): Promise<Response> {
  const { size, tag } = file;
  const asked = askedRange(c.req.header('range'), c.req.header('if-range'), tag, size);
  const headers = {
    ...harmless,
    'accept-ranges': 'bytes',
    etag: tag,
    'content-type': file.mediaType ?? 'application/octet-stream',
    'content-disposition': attachment(file.name),
  };
  if (asked.kind === 'none') {
    return c.body(null, 416, { ...harmless, 'content-range': `bytes */${size}` });
  }
  const range = asked.kind === 'part' ? asked : { from: 0, to: size };
  const length = { 'content-length': String(range.to - range.from) };
  const bytes = await file.read(range);
  if (bytes instanceof Response) return bytes;
  const body = streamed(bytes);
  if (asked.kind === 'whole') return new Response(body, { headers: { ...headers, ...length } });
  const part = { 'content-range': `bytes ${range.from}-${range.to - 1}/${size}` };
  return new Response(body, { status: 206, headers: { ...headers, ...length, ...part } });
}

/** `attachment` with the name in UTF-8 (RFC 6266, section 4.3; RFC 8187) and one that is plain. */
export function attachment(name: string): string {
  const last = name.split('/').at(-1) || 'file';
  const plain = last.replace(/[^\w.-]+/g, '_').slice(0, 100) || 'file';
  const wide = encodeURIComponent(last.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${wide}`;
}

export function streamed(bytes: AsyncIterable<Uint8Array>): ReadableStream {
  // Node's own web stream; the types of the browser's and of Node's differ in name only.
  return Readable.toWeb(
    Readable.from(bytes, { objectMode: false }),
  ) as NodeStream as ReadableStream;
}
