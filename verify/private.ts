import { hash } from 'node:crypto';
import { Cursor } from './canonical.ts';
import { type Problems, quoted } from './problem.ts';
import type { DigestedReader } from './stream.ts';

/** What goes before salt and value when a commitment is made. */
const commitmentDomain = 'kept commitment v1\n';

interface PrivateLine {
  readonly index: number;
  readonly field: string;
  readonly salt: string;
  /** Canonical JSON of the value, as it stands in the line. */
  readonly value: Buffer;
}

/** One part of the private values, read along with the entries whose commitments they open. */
export class PrivatePart {
  readonly #reader: DigestedReader;
  readonly #file: string;
  readonly #problems: Problems;
  readonly #cursor = new Cursor();
  #next: PrivateLine | null = null;
  #lineNumber = 0;
  #last = { index: -1, fields: new Set<string>() };
  #lost = false;
  count = 0;

  constructor(reader: DigestedReader, file: string, firstIndex: number, problems: Problems) {
    this.#reader = reader;
    this.#file = file;
    this.#problems = problems;
    this.#last.index = firstIndex;
    this.#advance();
  }

  /** Checks the values of the entries of one bundle, which begins at entry `first`. */
  checkBundle(
    bytes: Buffer,
    first: number,
    starts: Uint32Array,
    ends: Uint32Array,
    width: number,
  ): void {
    let parsedIndex = -1;
    let commitments: Readonly<Record<string, unknown>> = {};
    for (let line = this.#next; line !== null && line.index < first + width; line = this.#next) {
      if (line.index !== parsedIndex) {
        const i = line.index - first;
        commitments = commitmentsOf(bytes.toString('utf8', starts[i], ends[i]));
        parsedIndex = line.index;
      }
      this.#compare(line, commitments);
      this.#advance();
    }
  }

  /** After the last entry of the part no line may be left. */
  finishEntries(): void {
    if (this.#next !== null)
      this.#wrong(`it is of entry ${this.#next.index}, which this part or this tree has not`);
  }

  #compare(line: PrivateLine, commitments: Readonly<Record<string, unknown>>): void {
    this.count += 1;
    const room = Buffer.concat([
      Buffer.from(commitmentDomain),
      Buffer.from(line.salt, 'hex'),
      line.value,
    ]);
    const found = hash('sha256', room, 'hex');
    const expected = Object.hasOwn(commitments, line.field) ? commitments[line.field] : undefined;
    if (found === expected) return;
    this.#problems.add({
      check: 'private',
      file: this.#file,
      index: line.index,
      message:
        expected === undefined
          ? `line ${this.#lineNumber}: the entry has no private field ${quoted(line.field)}`
          : `line ${this.#lineNumber}: ${quoted(line.field)} is not the value that the entry commits to`,
      ...(typeof expected === 'string' ? { expected } : {}),
      found,
    });
  }

  #advance(): void {
    this.#next = this.#lost ? null : this.#nextLine();
  }

  #nextLine(): PrivateLine | null {
    const bytes = this.#reader.line();
    if (bytes === null) return null;
    this.#lineNumber += 1;
    const line = this.#parse(bytes);
    if (line === null)
      return this.#wrong('it is not canonical JSON of field, index, salt and value');
    const { index, fields } = this.#last;
    if (line.index < index) return this.#wrong(`entry ${line.index} comes after entry ${index}`);
    if (line.index > index) {
      this.#last = { index: line.index, fields: new Set([line.field]) };
    } else if (fields.has(line.field)) {
      return this.#wrong(`field ${quoted(line.field)} of entry ${index} comes twice`);
    } else {
      fields.add(line.field);
    }
    return line;
  }

  /** Where order or form is lost, the rest of the part is not compared: the file has failed anyway. */
  #wrong(what: string): null {
    this.#lost = true;
    const message = `line ${this.#lineNumber}: ${what}`;
    this.#problems.add({ check: 'private', file: this.#file, message });
    return null;
  }

  #parse(bytes: Buffer): PrivateLine | null {
    const end = bytes.length - 1;
    this.#cursor.aim(bytes, 0, end);
    if (bytes[end] !== 0x0a || !this.#cursor.value(0) || this.#cursor.at !== end) return null;
    const line = JSON.parse(bytes.toString('utf8', 0, end)) as Readonly<
      Record<string, unknown>
    > | null;
    if (
      typeof line !== 'object' ||
      line === null ||
      Object.keys(line).join() !== 'field,index,salt,value'
    )
      return null;
    const { field, index, salt } = line;
    if (typeof field !== 'string' || !Number.isSafeInteger(index)) return null;
    if (typeof salt !== 'string' || !/^[0-9a-f]{64}$/.test(salt)) return null;
    const prefix = Buffer.byteLength(
      `{"field":${JSON.stringify(field)},"index":${index},"salt":"${salt}","value":`,
    );
    return {
      index: index as number,
      field,
      salt,
      value: Buffer.from(bytes.subarray(prefix, end - 1)),
    };
  }
}

/** The commitments of an entry; none where the entry is not even JSON, which is reported elsewhere. */
function commitmentsOf(entry: string): Readonly<Record<string, unknown>> {
  try {
    const { private: fields } = JSON.parse(entry) as { readonly private?: unknown };
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
