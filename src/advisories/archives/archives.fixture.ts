import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** A file to be put into an archive. */
export interface Sample {
  readonly name: string;
  readonly text: string;
}

/** A zip archive of deflated files; `lie` may change what the directory says of each. */
export function zipOf(
  files: readonly Sample[],
  lie: (size: number) => number = (size) => size,
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, text } of files) {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x0800, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(lie(content.length), 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, tail, Buffer.from(name)]),
    );
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06'), end]);
}

/** An archive as `tar --format=ustar` makes it. */
export function tarOf(files: readonly Sample[]): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export function tarGzOf(files: readonly Sample[]): Buffer {
  return gzipSync(tarOf(files));
}

/** A small advisory of the OSV format. */
export function advisoryOf(
  id: string,
  more: {
    readonly modified?: string;
    readonly aliases?: readonly string[];
    readonly withdrawn?: string;
    readonly name?: string;
    readonly ecosystem?: string;
    readonly fixed?: string;
    readonly severity?: readonly { readonly type: string; readonly score: string }[];
    readonly summary?: string;
  } = {},
): Sample {
  const { name = 'left-pad', ecosystem = 'npm', fixed = '1.3.1', ...rest } = more;
  const advisory = {
    schema_version: '1.7.3',
    id,
    modified: '2026-01-01T00:00:00Z',
    published: '2025-12-01T00:00:00Z',
    summary: `What is wrong with ${name}`,
    ...rest,
    affected: [
      {
        package: { ecosystem, name },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }],
      },
    ],
  };
  return { name: `${id}.json`, text: JSON.stringify(advisory) };
}
