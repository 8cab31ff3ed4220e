import { AgeFault } from './fault.ts';
import { Intake } from './intake.ts';

const beginLine = '-----BEGIN AGE ENCRYPTED FILE-----';
const endLine = '-----END AGE ENCRYPTED FILE-----';
const columns = 64;
/** White space that may stand before and behind: enough for a mail, not enough to hide something. */
const whitespaceLimit = 1024;
const lineLimit = 256;

/**
 * Takes the ASCII armor off an age file (age.md, "ASCII armor"; RFC 7468, section 3, figure 3): full
 * lines of 64 columns, canonical base64, LF or CRLF, nothing but white space before and behind.
 *
 * @throws AgeFault `armor`, at the first byte of the line that is wrong
 */
export async function* dearmor(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const lines = new ArmorLines(new Intake(source));
  try {
    await lines.begin();
    for (let last = false; ; ) {
      const line = await lines.next();
      if (line === endLine) break;
      if (last) throw lines.wrong('something follows a short line');
      last = line.length < columns || line.endsWith('=');
      const bytes = Buffer.from(line, 'base64');
      if (line === '' || line.length > columns || bytes.toString('base64') !== line) {
        throw lines.wrong('not a line of canonical base64, 64 columns wide at most');
      }
      yield bytes;
    }
    await lines.end();
  } finally {
    await lines.close();
  }
}

/** The lines of an armored file, each without its end. */
class ArmorLines {
  readonly #intake: Intake;
  #lineFrom = 0;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  /** Reads up to and with the first line of the armor. */
  async begin(): Promise<void> {
    let line: string;
    do {
      line = await this.next();
    } while (line.trim() === '' && this.#intake.offset <= whitespaceLimit);
    if (line !== beginLine) throw this.wrong('the armor does not begin');
  }

  async next(): Promise<string> {
    this.#lineFrom = this.#intake.offset;
    const line = (await this.#intake.line(lineLimit)) ?? (await this.#unended());
    return line.toString('latin1').replace(/\r$/, '');
  }

  /** Reads the rest, which has to be white space. */
  async end(): Promise<void> {
    this.#lineFrom = this.#intake.offset;
    const rest = await this.#intake.take(whitespaceLimit);
    const more = !(await this.#intake.atEnd());
    if (more || !/^[ \t\r\n]*$/.test(rest.toString('latin1'))) {
      throw this.wrong('something follows the armor');
    }
  }

  /** The last line of a file may lack its line feed; any other has one. */
  async #unended(): Promise<Buffer> {
    const rest = await this.#intake.take(lineLimit);
    if (rest.length === 0) throw this.wrong('the armor does not end');
    return rest;
  }

  wrong(what: string): AgeFault {
    return new AgeFault('armor', `not an armored age file: ${what}`, { byte: this.#lineFrom });
  }

  close(): Promise<void> {
    return this.#intake.close();
  }
}
