import PDFDocument from 'pdfkit';
import QRCode from 'qrcode';
import type { Certificate } from '../../clauses/people/store.certificate.ts';
import type { Language } from '../../kernel/language.ts';
import { dateText } from '../../policy/reason.ts';
import { openPieces, type Pieces } from './fonts.ts';
import { wordsOfCertificate } from './words.ts';

/** What stands on a certificate besides the completion. */
export interface CertificateFrame {
  readonly language: Language;
  readonly organisation: string;
  /** Address at which the code is looked up. */
  readonly address: string;
}

/** A4 lying, in points. */
const page = { width: 841.89, height: 595.28, margin: 56 };

type Document = InstanceType<typeof PDFDocument>;

/**
 * A certificate as PDF: who completed what when, and the code by which anyone finds it in the
 * ledger. Japanese is set in the pieces of Noto Sans JP that it needs, embedded as subsets.
 */
export async function certificatePdf(it: Certificate, frame: CertificateFrame): Promise<Buffer> {
  const words = wordsOfCertificate(frame.language);
  const document = new PDFDocument({
    size: [page.width, page.height],
    margin: 0,
    lang: frame.language,
    info: { Title: words.title, Author: frame.organisation, Subject: it.code },
  });
  const finished = bytesOf(document);
  const write = await writer(document);
  document
    .lineWidth(1)
    .strokeColor('#9aa4b2')
    .rect(28, 28, page.width - 56, page.height - 56)
    .stroke();
  await write(frame.organisation, { size: 13, y: 76, colour: '#475467' });
  await write(words.title, { size: 30, y: 118 });
  await write(it.name ?? '', { size: 26, y: 190 });
  await write(words.completed, { size: 13, y: 244, colour: '#475467' });
  await write(it.titles[frame.language], { size: 20, y: 272 });
  const day = dateText(it.completedOn, frame.language);
  const facts = [
    `${words.version} ${it.number}`,
    day,
    `${words.score} ${it.score} / ${it.asked}`,
  ].join('   ·   ');
  await write(facts, { size: 13, y: 316, colour: '#475467' });
  await foot(document, write, it, frame);
  document.end();
  return await finished;
}

async function foot(
  document: Document,
  write: Write,
  it: Certificate,
  frame: CertificateFrame,
): Promise<void> {
  const words = wordsOfCertificate(frame.language);
  const code = await QRCode.toBuffer(frame.address, { margin: 0, width: 240 });
  document.image(code, page.width - page.margin - 96, page.height - page.margin - 96, {
    width: 96,
  });
  const left = { x: page.margin, colour: '#475467' };
  await write(`${words.code} ${it.code}`, { ...left, size: 15, y: 452, colour: '#101828' });
  await write(words.verify, { ...left, size: 10, y: 480 });
  await write(frame.address, { ...left, size: 10, y: 496 });
  await write(`SHA-256 ${it.digest}`, { ...left, size: 8, y: 518 });
}

interface Line {
  readonly size: number;
  readonly y: number;
  /** From the left; centred where it is not given. */
  readonly x?: number;
  readonly colour?: string;
}
type Write = (text: string, line: Line) => Promise<void>;

/** Writes one line in the fonts that its characters need. */
async function writer(document: Document): Promise<Write> {
  const pieces = await openPieces();
  const known = new Set<string>();
  return async (text, { size, y, x, colour = '#101828' }) => {
    const placed = [];
    for (const run of pieces.runsOf(text)) {
      const font = run.piece ? await fontOf(document, pieces, known, run.piece) : 'Helvetica';
      const width = document.font(font).fontSize(size).widthOfString(run.text);
      placed.push({ text: run.text, font, width });
    }
    const total = placed.reduce((sum, { width }) => sum + width, 0);
    let at = x ?? (page.width - total) / 2;
    for (const { text: run, font, width } of placed) {
      const options = { lineBreak: false, baseline: 'alphabetic' as const };
      document
        .font(font)
        .fontSize(size)
        .fillColor(colour)
        .text(run, at, y + size, options);
      at += width;
    }
  };
}

async function fontOf(
  document: Document,
  pieces: Pieces,
  known: Set<string>,
  piece: string,
): Promise<string> {
  const name = `Noto ${piece}`;
  if (!known.has(piece)) {
    document.registerFont(name, await pieces.bytesOf(piece));
    known.add(piece);
  }
  return name;
}

function bytesOf(document: Document): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
}
