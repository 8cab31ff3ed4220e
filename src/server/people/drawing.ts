import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';
import type { Language } from '../../kernel/language.ts';
import { openPieces, type Pieces } from './fonts.ts';

/**
 * Writing on a page of a certificate: Latin as text, everything else as outlines. What writes PDF and
 * codes is loaded with the first one: a server that draws none need not hold it.
 */

type Document = InstanceType<typeof PDFDocument>;

interface Line {
  readonly size: number;
  readonly y: number;
  /** From the left; centred where it is not given. */
  readonly x?: number;
  readonly colour?: string;
}
export type Write = (text: string, line: Line) => Promise<void>;

/** Writes one line: Latin as text, everything else as the outlines of Noto Sans JP. */
async function writer(document: Document): Promise<Write> {
  const pieces = await openPieces();
  return async (text, { size, y, x, colour = '#101828' }) => {
    const placed: Placed[] = [];
    for (const run of pieces.runsOf(text)) {
      placed.push(
        run.piece
          ? drawn(document, await faceOf(pieces, run.piece), run.text, size)
          : set(document, run.text, size),
      );
    }
    const total = placed.reduce((sum, { width }) => sum + width, 0);
    let at = x ?? (document.page.width - total) / 2;
    for (const { width, put } of placed) {
      put(at, y + size, colour);
      at += width;
    }
  };
}

/** A run of a line: how wide it is, and how it is put on the page at a baseline. */
interface Placed {
  readonly width: number;
  readonly put: (x: number, baseline: number, colour: string) => void;
}

function set(document: Document, text: string, size: number): Placed {
  return {
    width: document.font('Helvetica').fontSize(size).widthOfString(text),
    put: (x, baseline, colour) => {
      const options = { lineBreak: false, baseline: 'alphabetic' as const };
      document.font('Helvetica').fontSize(size).fillColor(colour).text(text, x, baseline, options);
    },
  };
}

/** A step of an outline: a command of a canvas with its coordinates. */
interface Stroke {
  readonly command: string;
  readonly args: readonly number[];
}

/** A face as fontkit opens it, as far as it is drawn with. */
interface Face {
  readonly unitsPerEm: number;
  layout(text: string): {
    readonly advanceWidth: number;
    readonly glyphs: readonly { readonly path: { readonly commands: readonly Stroke[] } }[];
    readonly positions: readonly { readonly xAdvance: number }[];
  };
}

function drawn(document: Document, face: Face, text: string, size: number): Placed {
  const run = face.layout(text);
  const scale = size / face.unitsPerEm;
  return {
    width: run.advanceWidth * scale,
    put: (x, baseline, colour) => {
      let at = x;
      for (const [n, glyph] of run.glyphs.entries()) {
        // Fonts count upwards, pages of PDF as pdfkit has them downwards.
        document.save().translate(at, baseline).scale(scale, -scale);
        trace(document, glyph.path.commands);
        document.lineWidth(thickening).lineJoin('round').fillAndStroke(colour, colour).restore();
        at += (run.positions[n]?.xAdvance ?? 0) * scale;
      }
    },
  };
}

/** Draws an outline. PDF has cubic curves alone: a quadratic one is raised exactly, not resembled. */
function trace(document: Document, strokes: readonly Stroke[]): void {
  let [px, py] = [0, 0];
  for (const { command, args } of strokes) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
    if (command === 'moveTo') document.moveTo(a, b);
    else if (command === 'lineTo') document.lineTo(a, b);
    else if (command === 'bezierCurveTo') document.bezierCurveTo(a, b, c, d, e, f);
    else if (command === 'quadraticCurveTo') {
      const third = (from: number, by: number) => from + (2 * (by - from)) / 3;
      document.bezierCurveTo(third(px, a), third(py, b), third(c, a), third(d, b), c, d);
    } else document.closePath();
    if (args.length >= 2) [px = 0, py = 0] = args.slice(-2);
  }
}

/**
 * The fontkit of pdfkit. pdfkit cannot embed what it reads from WOFF2 (it copies outlines from the
 * compressed file as they stand there), so outlines are drawn.
 */
function openFace(bytes: Buffer): Face {
  const beside = createRequire(createRequire(import.meta.url).resolve('pdfkit'));
  const fontkit = beside('fontkit') as { create(bytes: Buffer): Face };
  return fontkit.create(bytes);
}

/**
 * Noto Sans JP is one file for all weights and begins with the thinnest, which is what fontkit reads
 * from WOFF2: a line of so many units of the em around it makes it about regular.
 */
const thickening = 40;
const faces = new Map<string, Face>();

async function faceOf(pieces: Pieces, piece: string): Promise<Face> {
  const known = faces.get(piece);
  if (known) return known;
  const face = openFace(await pieces.bytesOf(piece));
  faces.set(piece, face);
  return face;
}

/** A certificate of one page that is being drawn. */
export interface Paper {
  readonly write: Write;
  /** Puts an address, as a code to be read by a camera, into the lower right corner. @returns its upper edge */
  code(address: string): Promise<number>;
  /** Ends it. @returns the PDF */
  finish(): Promise<Buffer>;
}

/** What stands between the edge of a certificate and what is written, in points. */
export const paperMargin = 56;
export const paperGrey = '#475467';
const codeSize = 96;

/** A page of so many points with a line around it, and what a reader of PDF shows of it in its title. */
export async function paper(
  size: { readonly width: number; readonly height: number },
  told: {
    readonly language: Language;
    readonly title: string;
    readonly organisation: string;
    readonly code: string;
  },
): Promise<Paper> {
  const { default: Document } = await import('pdfkit');
  const document = new Document({
    size: [size.width, size.height],
    margin: 0,
    lang: told.language,
    info: { Title: told.title, Author: told.organisation, Subject: told.code },
  });
  const finished = bytesOf(document);
  const write = await writer(document);
  document
    .lineWidth(1)
    .strokeColor('#9aa4b2')
    .rect(28, 28, size.width - 56, size.height - 56)
    .stroke();
  return {
    write,
    async code(address) {
      const { default: codes } = await import('qrcode');
      const image = await codes.toBuffer(address, { margin: 0, width: 240 });
      const top = size.height - paperMargin - codeSize;
      document.image(image, size.width - paperMargin - codeSize, top, { width: codeSize });
      return top;
    },
    finish() {
      document.end();
      return finished;
    },
  };
}

/** All that a document writes, once it has ended. */
function bytesOf(document: Document): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
}
