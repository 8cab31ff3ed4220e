import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { fromBase64, toBase64 } from './base64.ts';
import { AgeFault } from './fault.ts';
import type { AgeIdentity } from './identity.ts';
import type { Intake } from './intake.ts';
import { fileKeyBytes, type Stanza, unwrapFileKey } from './stanza.ts';

/** The textual beginning of an age file (age.md, "Header"). */
export interface Header {
  readonly stanzas: readonly Stanza[];
  /** HMAC-SHA-256 over what stands before it. */
  readonly mac: Uint8Array;
  /** Everything up to and with the `---` of the last line: what the MAC is computed over. */
  readonly signed: Uint8Array;
}

const versionLine = 'age-encryption.org/v1';
const columns = 64;
/** No limit of the format, but of what one file may make us hold: some hundred recipients. */
export const headerLimit = 65_536;
const visible = /^[\x21-\x7e]+$/;

/** Writes a header for a file key: stanzas in their order, then the MAC. */
export function formatHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Uint8Array {
  const signed = `${versionLine}\n${stanzas.map(formatStanza).join('')}---`;
  const mac = macOf(fileKey, Buffer.from(signed));
  return Buffer.from(`${signed} ${toBase64(mac)}\n`);
}

function formatStanza(stanza: Stanza): string {
  const body = toBase64(stanza.body);
  const lines: string[] = [];
  // The last line is shorter than the others even if that makes it empty: it says where the body ends.
  for (let from = 0; from <= body.length; from += columns) {
    lines.push(body.slice(from, from + columns));
  }
  return `-> ${stanza.arguments.join(' ')}\n${lines.join('\n')}\n`;
}

/**
 * Reads a header, leaving the intake at the first byte of the payload's nonce.
 *
 * @throws AgeFault `header`, at the first byte of the line that is wrong
 */
export async function readHeader(intake: Intake): Promise<Header> {
  const lines = new HeaderLines(intake);
  if ((await lines.next()) !== versionLine) {
    throw lines.wrong('the first line is not that of age version 1');
  }
  const stanzas: Stanza[] = [];
  let line = await lines.next();
  for (; line.startsWith('->'); line = await lines.next()) {
    stanzas.push({ arguments: argumentsOf(line, lines), body: await readBody(lines) });
  }
  if (stanzas.length === 0) throw lines.wrong('there is no recipient');
  if (!line.startsWith('--- ')) throw lines.wrong('neither a recipient nor the end of the header');
  const mac = fromBase64(line.slice(4));
  if (mac?.length !== 32) throw lines.wrong('the MAC is not 32 bytes in canonical base64');
  if (stanzas.length > 1 && stanzas.some((stanza) => stanza.arguments[0] === 'scrypt')) {
    throw lines.wrong('a passphrase stands beside other recipients');
  }
  const signed = lines.read.slice(0, lines.read.length - line.length - 1 + 3);
  return { stanzas, mac, signed: Buffer.from(signed, 'latin1') };
}

function argumentsOf(line: string, lines: HeaderLines): readonly string[] {
  const [arrow, ...words] = line.split(' ');
  if (arrow !== '->' || words.length === 0 || !words.every((word) => visible.test(word))) {
    throw lines.wrong('a recipient line is not "-> " and words with one space between');
  }
  return words;
}

async function readBody(lines: HeaderLines): Promise<Uint8Array> {
  let text = '';
  let line: string;
  do {
    line = await lines.next();
    if (line.length > columns) throw lines.wrong('a line of a recipient is longer than 64');
    if (fromBase64(line) === null) throw lines.wrong('not canonical base64');
    text += line;
  } while (line.length === columns);
  return Buffer.from(text, 'base64');
}

/** The header's lines one after the other, within the limit of the whole. */
class HeaderLines {
  readonly #intake: Intake;
  #lineFrom = 0;
  /** All that was read, as it stands in the file. */
  read = '';

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  async next(): Promise<string> {
    this.#lineFrom = this.read.length;
    const line = await this.#intake.line(headerLimit - this.read.length);
    if (line === null) throw this.wrong('the header does not end');
    const text = line.toString('latin1');
    this.read += `${text}\n`;
    return text;
  }

  wrong(what: string): AgeFault {
    return new AgeFault('header', `not an age file that Kept reads: ${what}`, {
      byte: this.#lineFrom,
    });
  }
}

/**
 * The file key, from the first stanza that any of the identities opens.
 *
 * @throws AgeFault `header` where a stanza of our type is malformed, `noMatch`, `headerMac`
 */
export function openHeader(header: Header, identities: readonly AgeIdentity[]): Uint8Array {
  const fileKey = firstOpened(header, identities);
  if (fileKey === null) {
    const types = new Set(header.stanzas.map((stanza) => stanza.arguments[0]));
    throw new AgeFault(
      'noMatch',
      `the file is not for this key; its recipients are of type ${[...types].join(', ')}`,
    );
  }
  if (!timingSafeEqual(macOf(fileKey, header.signed), header.mac)) {
    throw new AgeFault('headerMac', 'the header was changed after it was made', {
      byte: header.signed.length,
    });
  }
  return fileKey;
}

function firstOpened(header: Header, identities: readonly AgeIdentity[]): Uint8Array | null {
  let opened: Uint8Array | null = null;
  for (const identity of identities) {
    // All stanzas are looked at, so that a malformed one is refused wherever it stands.
    for (const stanza of header.stanzas) opened ??= unwrapFileKey(stanza, identity);
  }
  return opened;
}

function macOf(fileKey: Uint8Array, signed: Uint8Array): Uint8Array {
  if (fileKey.length !== fileKeyBytes) throw new AgeFault('header', 'a file key has 16 bytes');
  const key = new Uint8Array(hkdfSync('sha256', fileKey, '', 'header', 32));
  return createHmac('sha256', key).update(signed).digest();
}
