import type { Certificate } from '../../clauses/people/store.certificate.ts';
import type { Language } from '../../kernel/language.ts';
import { dateText } from '../../policy/reason.ts';
import { type Paper, paper, paperGrey, paperMargin } from './drawing.ts';
import { wordsOfCertificate } from './words.ts';

/** What stands on a certificate besides the completion. */
export interface CertificateFrame {
  readonly language: Language;
  readonly organisation: string;
  /** Address at which the code is looked up. */
  readonly address: string;
}

/** A4 lying, in points. */
const size = { width: 841.89, height: 595.28 };

/**
 * A certificate as PDF: who completed what when, and the code by which anyone finds it in the
 * ledger. Japanese is drawn in the outlines of Noto Sans JP, so that every reader shows it.
 */
export async function certificatePdf(it: Certificate, frame: CertificateFrame): Promise<Buffer> {
  const words = wordsOfCertificate(frame.language);
  const page = await paper(size, { ...frame, title: words.title, code: it.code });
  const { write } = page;
  await write(frame.organisation, { size: 13, y: 76, colour: paperGrey });
  await write(words.title, { size: 30, y: 118 });
  await write(it.name ?? '', { size: 26, y: 190 });
  await write(words.completed, { size: 13, y: 244, colour: paperGrey });
  await write(it.titles[frame.language], { size: 20, y: 272 });
  const day = dateText(it.completedOn, frame.language);
  const facts = [
    `${words.version} ${it.number}`,
    day,
    `${words.score} ${it.score} / ${it.asked}`,
  ].join('   ·   ');
  await write(facts, { size: 13, y: 316, colour: paperGrey });
  await foot(page, it, frame);
  return await page.finish();
}

async function foot(page: Paper, it: Certificate, frame: CertificateFrame): Promise<void> {
  const words = wordsOfCertificate(frame.language);
  const { write } = page;
  await page.code(frame.address);
  const left = { x: paperMargin, colour: paperGrey };
  await write(`${words.code} ${it.code}`, { ...left, size: 15, y: 452, colour: '#101828' });
  await write(words.verify, { ...left, size: 10, y: 480 });
  await write(frame.address, { ...left, size: 10, y: 496 });
  await write(`SHA-256 ${it.digest}`, { ...left, size: 8, y: 518 });
}
