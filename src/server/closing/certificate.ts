import { sql } from 'kysely';
import { codeDigest, dayOfClosure } from '../../clauses/retention/facts.closure.ts';
import type { ErasureCertificate } from '../../clauses/retention/store.certificate.ts';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { fill, type Language } from '../../kernel/language.ts';
import { dateText } from '../../policy/reason.ts';
import { type Paper, paper, paperGrey, paperMargin } from '../people/drawing.ts';
import { wordsOfErasure } from './words.ts';

/** What stands on a certificate of erasure besides the erasure. */
export interface ErasureFrame {
  readonly language: Language;
  readonly organisation: string;
  /** Zone in which its moments are told. */
  readonly zone: string;
  /** Address at which the code is looked up. */
  readonly address: string;
  /** Index of its ledger entry; null while it has none. */
  readonly entry: number | null;
}

/** A fact of a certificate: what it is called and what it says. */
export type CertifiedFact = readonly [label: string, value: string];

/** What a certificate states, line by line: the same on paper and on the public page. */
export function certifiedFacts(
  it: ErasureCertificate,
  { language, zone, entry }: Pick<ErasureFrame, 'language' | 'zone' | 'entry'>,
): readonly CertifiedFact[] {
  const words = wordsOfErasure(language);
  const moment = (at: Instant) => momentText(at, language, zone);
  const { objects, records, bytes } = it;
  const backups =
    it.backups > 0 && it.lastBackupGoneAt
      ? fill(words.backupsGone, { count: it.backups, at: moment(it.lastBackupGoneAt) })
      : words.backupsNone;
  const day = dayOfClosure(it.requestedOn, it.certifiedAt, zone);
  return [
    [words.method, words.methodIs],
    [words.requestedOn, dateText(it.requestedOn, language)],
    [words.held, fill(words.heldOf, { objects, records, bytes })],
    [words.keyDestroyedAt, moment(it.keyDestroyedAt)],
    [words.erasedAt, moment(it.erasedAt)],
    [words.backups, backups],
    [words.certifiedAt, `${moment(it.certifiedAt)} · ${fill(words.day, { day })}`],
    [words.entry, entry === null ? words.entryPending : `#${entry}`],
  ];
}

function momentText(at: Instant, language: Language, zone: string): string {
  const local = at.toZonedDateTimeISO(zone);
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
  return `${dateText(local.toPlainDate(), language)} ${time} (UTC${local.offset})`;
}

/** A4 standing, in points. */
const size = { width: 595.28, height: 841.89 };

/** A certificate of erasure as PDF; Japanese is drawn in outlines, so that every reader shows it. */
export async function erasurePdf(it: ErasureCertificate, frame: ErasureFrame): Promise<Buffer> {
  const words = wordsOfErasure(frame.language);
  const page = await paper(size, { ...frame, title: words.title, code: it.code });
  const { write } = page;
  const limit = frame.language === 'ja' ? 44 : 84;
  await write(frame.organisation, { size: 12, y: 72, colour: paperGrey });
  await write(words.title, { size: 26, y: 104 });
  await write(fill(words.of, { key: it.key, product: it.product }), { size: 14, y: 152 });
  let y = 200;
  for (const line of wrapped(words.states, limit)) {
    await write(line, { size: 11, y, x: paperMargin });
    y += 18;
  }
  y += 14;
  for (const [label, value] of certifiedFacts(it, frame)) {
    await write(label, { size: 9, y, x: paperMargin, colour: paperGrey });
    y += 14;
    for (const line of wrapped(value, limit)) {
      await write(line, { size: 11, y, x: paperMargin });
      y += 17;
    }
    y += 8;
  }
  await foot(page, it, frame);
  return await page.finish();
}

/** Lines of at most so many characters; between words, where the language has words. */
function wrapped(text: string, limit: number): readonly string[] {
  const pieces = /[぀-ヿ一-鿿]/.test(text) ? [...text] : text.split(/(?<= )/);
  const lines: string[] = [''];
  for (const piece of pieces) {
    const last = lines.at(-1) ?? '';
    if ((last + piece).trimEnd().length > limit && last !== '') lines.push(piece);
    else lines[lines.length - 1] = last + piece;
  }
  return lines;
}

async function foot(page: Paper, it: ErasureCertificate, frame: ErasureFrame): Promise<void> {
  const words = wordsOfErasure(frame.language);
  const { write } = page;
  const top = await page.code(frame.address);
  const left = { x: paperMargin, colour: paperGrey };
  await write(`${words.code} ${it.code}`, { ...left, size: 14, y: top, colour: '#101828' });
  await write(words.verify, { ...left, size: 9, y: top + 28 });
  await write(frame.address, { ...left, size: 9, y: top + 42 });
  await write(`${words.seal} ${it.seal.slice(0, 32)}`, { ...left, size: 7, y: top + 66 });
  await write(it.seal.slice(32), { ...left, size: 7, y: top + 76 });
}

/** Index of the ledger entry that certifies an erasure; null while it has none yet. */
export async function entryOfErasure(
  db: Db,
  { customerId, code }: Pick<ErasureCertificate, 'customerId' | 'code'>,
): Promise<number | null> {
  const { rows } = await sql<{ index: number; bytes: Buffer }>`
    select index, bytes from ledger_entry
    where subject = ${`customer/${customerId}`} and type = 'ErasureCertified' and index is not null
    order by index desc`.execute(db);
  const sought = codeDigest(code);
  return rows.find(({ bytes }) => bytes.includes(sought))?.index ?? null;
}
