import { SaxesParser } from 'saxes';
import { InventoryFault } from './component.ts';

/** Deeper than anything that people or tools write; a parser's work a tag grows with its depth. */
const limitDepth = 500;

/** What is told of a document, in its order; names are without their prefix. */
export interface XmlEvents {
  open(name: string, attributes: Readonly<Record<string, string>>, namespace: string): void;
  text?(piece: string): void;
  close?(name: string): void;
}

/**
 * Reads XML once from end to end, piece by piece, without building it. A document type, whose
 * entities could fill any memory, is refused, and so is what nests deeper than 500 elements.
 *
 * @param fault made of what is wrong; of what is not well-formed with line and column
 */
export function xmlReading(
  on: XmlEvents,
  fault: (problem: string, cause?: Error) => Error,
): { readonly write: (piece: string) => void; readonly end: () => void } {
  let depth = 0;
  const parser = new SaxesParser({ xmlns: true, position: true });
  parser.on('opentagstart', () => {
    depth += 1;
    if (depth > limitDepth) throw fault(`elements nest deeper than ${limitDepth}`);
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    const written = Object.values(attributes).map((one) => [one.local, one.value]);
    on.open(local, Object.fromEntries(written), uri);
  });
  const text = (piece: string) => on.text?.(piece);
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', ({ local }) => {
    depth -= 1;
    on.close?.(local);
  });
  parser.on('doctype', () => {
    throw fault('a document type is not allowed');
  });
  parser.on('error', (cause) => {
    throw fault(cause.message, cause);
  });
  return {
    write: (piece) => void parser.write(piece),
    end: () => void parser.close(),
  };
}

/** The same, of a whole text. */
export function readXml(
  text: string,
  on: XmlEvents,
  fault: Parameters<typeof xmlReading>[1],
): void {
  const { write, end } = xmlReading(on, fault);
  // Half of a pair of code units, which no decoded file has, would be taken for the end of the text.
  write(text.toWellFormed());
  end();
}

/** What a lockfile or bill in XML is refused with. */
export const xmlFault = (format: string) => (problem: string, cause?: Error) =>
  new InventoryFault(`${format} cannot be read: ${problem}`, { cause });
