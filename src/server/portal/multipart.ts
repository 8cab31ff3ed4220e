/** A part of a form with files (RFC 7578): a field, or a file whose bytes are read as they come. */
interface FormPart {
  readonly name: string;
  /** Null for a field. */
  readonly filename: string | null;
  readonly mediaType: string;
  readonly bytes: AsyncGenerator<Uint8Array>;
}

export class MalformedForm extends Error {
  override readonly name = 'MalformedForm';
}

/** Headers of a part are some lines; more is no form of a browser's. */
const headerLimitBytes = 16 * 1024;
const blankLine = Buffer.from('\r\n\r\n');

/** The boundary of a `multipart/form-data` body (RFC 2046, section 5.1.1); null for anything else. */
export function boundaryOf(contentType: string | undefined): string | null {
  if (!/^multipart\/form-data\b/i.test(contentType ?? '')) return null;
  const found = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType ?? '');
  return found?.[1] ?? found?.[2] ?? null;
}

/**
 * The parts of a form in the order in which they were sent, in constant memory. A part is to be read
 * before the next one is asked for; what is left of it is passed over.
 *
 * @throws MalformedForm
 */
export async function* formParts(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<FormPart> {
  const reader = new BoundaryReader(body, boundary);
  await reader.toFirst();
  while (!reader.isOver) {
    const headers = await reader.headers();
    const disposition = headers.get('content-disposition') ?? '';
    const name = parameter(disposition, 'name');
    if (name === null) throw new MalformedForm('a part has no name');
    const filename = parameter(disposition, 'filename');
    const bytes = reader.content();
    yield { name, filename, mediaType: headers.get('content-type') ?? '', bytes };
    for await (const _ of bytes) {
      // What nobody wanted of the part.
    }
  }
}

/** Text of a field, which is short. @throws MalformedForm */
export async function fieldText(part: FormPart, limitBytes = 8 * 1024): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of part.bytes) {
    size += piece.length;
    if (size > limitBytes) throw new MalformedForm(`the field ${part.name} is too long`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** As browsers write it (HTML, section 4.10.21.8): quotes and line breaks are percent-encoded. */
function parameter(disposition: string, name: string): string | null {
  const found = new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(disposition);
  return found?.[1]?.replace(/%22/g, '"').replace(/%0D%0A/gi, '\r\n') ?? null;
}

class BoundaryReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  #held: Buffer;
  isOver = false;

  constructor(body: AsyncIterable<Uint8Array>, boundary: string) {
    this.#source = body[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    // The first delimiter begins the body, without a line before it.
    this.#held = Buffer.from('\r\n');
  }

  async toFirst(): Promise<void> {
    for await (const _ of this.content()) {
      // What stands before the first delimiter means nothing.
    }
  }

  async headers(): Promise<Map<string, string>> {
    let end = this.#held.indexOf(blankLine);
    while (end < 0) {
      if (this.#held.length > headerLimitBytes) throw new MalformedForm('headers are too long');
      await this.#more();
      end = this.#held.indexOf(blankLine);
    }
    const lines = this.#held.toString('utf8', 0, end).split('\r\n');
    this.#held = this.#held.subarray(end + blankLine.length);
    return new Map(
      lines.flatMap((line) => {
        const colon = line.indexOf(':');
        return colon < 0
          ? []
          : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const];
      }),
    );
  }

  /** Bytes up to the next delimiter, which is passed. */
  async *content(): AsyncGenerator<Uint8Array> {
    let open = true;
    try {
      while (true) {
        const at = this.#held.indexOf(this.#delimiter);
        if (at >= 0) {
          const bytes = this.#held.subarray(0, at);
          this.#held = this.#held.subarray(at + this.#delimiter.length);
          await this.#afterDelimiter();
          open = false;
          if (bytes.length > 0) yield bytes;
          return;
        }
        // The end may be the beginning of a delimiter.
        const safe = this.#held.length - this.#delimiter.length + 1;
        if (safe > 0) {
          const bytes = this.#held.subarray(0, safe);
          this.#held = this.#held.subarray(safe);
          yield bytes;
        }
        await this.#more();
      }
    } finally {
      if (open) this.isOver = true;
    }
  }

  /** A line break begins another part, two hyphens end the form. */
  async #afterDelimiter(): Promise<void> {
    while (this.#held.length < 2) await this.#more();
    if (this.#held.toString('latin1', 0, 2) === '--') {
      this.isOver = true;
      return;
    }
    let end = this.#held.indexOf('\r\n');
    while (end < 0) {
      if (this.#held.length > 200) throw new MalformedForm('a delimiter goes on');
      await this.#more();
      end = this.#held.indexOf('\r\n');
    }
    this.#held = this.#held.subarray(end + 2);
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done) throw new MalformedForm('the form ends in the middle');
    this.#held =
      this.#held.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#held, next.value]);
  }
}
