import PDFDocument from 'pdfkit';
import QRCode from 'qrcode';
import type { Certificate } from '../../clauses/people/store.certificate.ts';
import type { Language } from '../../kernel/language.ts';
import { dateText } from '../../policy/reason.ts';
import { bytesOf, type Write, writer } from './drawing.ts';
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
 * ledger. Japanese is drawn in the outlines of Noto Sans JP, so that every reader shows it.
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
