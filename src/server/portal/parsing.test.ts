import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../exports/testing.ts';
import { attachment } from './download.ts';
import { boundaryOf, fieldText, formParts, MalformedForm } from './multipart.ts';
import { askedRange } from './range.ts';

/** Text with anything in it that text may hold. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 40 })
  .map((points) => String.fromCodePoint(...points));

/** Cuts bytes into pieces of a length, as a network may. */
async function* cut(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function read(body: AsyncIterable<Uint8Array>, boundary: string) {
  const parts: [string, string | null, string][] = [];
  for await (const part of formParts(body, boundary)) {
    parts.push([part.name, part.filename, await fieldText(part, 1_000_000)]);
  }
  return parts;
}

describe('a form with files (RFC 7578)', () => {
  it('is read as it was written, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 200 }), fc.boolean()),
          { minLength: 1, maxLength: 5 },
        ),
        fc.integer({ min: 1, max: 90 }),
        async (fields, length) => {
          const form = new FormData();
          for (const [name, value, isFile] of fields) {
            if (isFile) form.append(name, new File([`\r\n--${value}\r\n`], 'f.txt'));
            else form.append(name, value.replace(/[\r\n]/g, ' '));
          }
          const request = new Request('http://x.invalid', { method: 'POST', body: form });
          const boundary = boundaryOf(request.headers.get('content-type') ?? '') ?? '';
          const bytes = new Uint8Array(await request.arrayBuffer());
          const expected = fields.map(([name, value, isFile]) =>
            isFile
              ? [name, 'f.txt', `\r\n--${value}\r\n`.toWellFormed()]
              : [name, null, value.replace(/[\r\n]/g, ' ').toWellFormed()],
          );
          expect(await read(cut(bytes, length), boundary)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('that ends in the middle is refused, wherever', async () => {
    const whole = '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nvalue\r\n--b--\r\n';
    expect(await read(bytesOf(whole), 'b')).toEqual([['a', null, 'value']]);
    for (let end = 0; end < whole.indexOf('--b--') + 5; end++) {
      await expect(read(bytesOf(whole.slice(0, end)), 'b')).rejects.toBeInstanceOf(MalformedForm);
    }
    await expect(
      read(bytesOf('--b\r\ncontent-type: text/plain\r\n\r\nnameless\r\n--b--\r\n'), 'b'),
    ).rejects.toThrow('no name');
  });

  it('of another type has no boundary', () => {
    expect(boundaryOf('multipart/form-data; boundary="a b"')).toBe('a b');
    for (const type of [
      undefined,
      'text/plain; boundary=x',
      'multipart/mixed; boundary=x',
      'multipart/form-data',
    ])
      expect(boundaryOf(type)).toBeNull();
  });
});

describe('a range (RFC 9110, section 14.2)', () => {
  it.each([
    ['bytes=0-', { kind: 'part', from: 0, to: 10 }],
    ['bytes=3-5', { kind: 'part', from: 3, to: 6 }],
    ['bytes=3-500', { kind: 'part', from: 3, to: 10 }],
    ['bytes=-4', { kind: 'part', from: 6, to: 10 }],
    ['bytes=-400', { kind: 'part', from: 0, to: 10 }],
    ['bytes=10-', { kind: 'none' }],
    ['bytes=-0', { kind: 'none' }],
    ['bytes=5-3', { kind: 'whole' }],
    ['bytes=0-1,3-4', { kind: 'whole' }],
    ['lines=0-1', { kind: 'whole' }],
    [undefined, { kind: 'whole' }],
  ])('%s of ten bytes', (header, expected) => {
    expect(askedRange(header, undefined, '"t"', 10)).toEqual(expected);
  });

  it('is not given of another version', () => {
    expect(askedRange('bytes=1-2', '"old"', '"new"', 10)).toEqual({ kind: 'whole' });
    expect(askedRange('bytes=1-2', '"new"', '"new"', 10)).toMatchObject({ kind: 'part' });
  });

  it('never leaves the file', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(1000), (header, size) => {
        const asked = askedRange(`bytes=${header}`, undefined, '"t"', size);
        if (asked.kind === 'part')
          expect(asked.from >= 0 && asked.from < asked.to && asked.to <= size).toBe(true);
      }),
    );
  });
});

describe('the name of a download', () => {
  it('can say nothing but a name', () => {
    fc.assert(
      fc.property(anyText, (name) => {
        expect(attachment(name)).toMatch(
          /^attachment; filename="[\w.-]+"; filename\*=UTF-8''[\w.~!%-]+$/,
        );
      }),
      { numRuns: 30 },
    );
    expect(attachment('図面/配置図 1.dwg')).toContain("UTF-8''%E9%85%8D");
  });
});
