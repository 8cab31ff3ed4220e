import { z } from 'zod';
import type { PersonId } from '../../kernel/id.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Event } from '../../policy/event.ts';
import { personId } from '../../registers/people/facts.ts';
import type {
  SignedUndertaking,
  UndertakingVersion,
} from '../../registers/people/store.undertakings.ts';
import { digest, inBothLanguages, language, slug, type Words } from './facts.ts';

/** Bytes of an uploaded paper, and of the request that brings it as base64. */
export const paperLimitBytes = 5 * 1024 * 1024;

export const undertakingText = z.object({
  document: slug,
  kind: z.enum(['undertaking', 'guidance']),
  titles: inBothLanguages(200),
  texts: inBothLanguages(100_000),
  /** Whether those who signed an earlier version must sign again. */
  asksAgain: z.boolean(),
  signDays: z.int().min(0).max(365),
});

export const undertakingCommand = z.discriminatedUnion('do', [
  undertakingText.extend({ do: z.literal('publish') }),
  z.object({ do: z.literal('withdraw'), document: slug }),
  z.object({
    do: z.literal('sign'),
    versionId: personId,
    /** Of the text that was read. */
    digest,
    language,
    /** The signer's name as they typed it; guidance is acknowledged without. */
    name: z.string().trim().max(200).optional(),
  }),
  z.object({
    do: z.literal('file'),
    personId,
    versionId: personId,
    language,
    signedOn: z.iso.date(),
    /** Who saw it signed. */
    witnessId: personId,
    /** The paper as PDF, in base64. */
    paper: z.base64().max(Math.ceil((paperLimitBytes * 4) / 3) + 4),
  }),
]);
export type UndertakingCommand = z.output<typeof undertakingCommand>;

export interface UndertakingState {
  /** The version that the command names. */
  readonly version: UndertakingVersion | null;
  /** The newest version of the document that the command is about. */
  readonly newest: UndertakingVersion | null;
  readonly signer: { readonly id: PersonId; readonly name: string } | null;
  readonly witness: { readonly id: PersonId } | null;
  /** The signer has already signed this version. */
  readonly signed: boolean;
}

export type UndertakingRefusal =
  | 'undertakingUnknown'
  | 'undertakingSuperseded'
  | 'undertakingNeedsPerson'
  | 'signatureNeedsSecondFactor'
  | 'nameDiffers'
  | 'nothingToPublish'
  | 'signerUnknown'
  | 'witnessIsSigner'
  | 'witnessUnknown'
  | 'signedInFuture'
  | 'paperIsNoPdf'
  | 'paperTooLarge'
  | 'alreadySigned';

export type UndertakingEvent =
  | (Event & {
      readonly type: 'UndertakingPublished';
      readonly version: Omit<UndertakingVersion, 'withdrawnAt'>;
    })
  | (Event & { readonly type: 'UndertakingWithdrawn'; readonly document: string })
  | (Event & { readonly type: 'UndertakingSigned'; readonly signed: SignedUndertaking })
  | (Event & { readonly type: 'UndertakingFiled'; readonly signed: SignedUndertaking })
  | (Event & { readonly type: 'GuidanceAcknowledged'; readonly signed: SignedUndertaking });

/** SHA-256 in hex over the canonical titles and texts: what a signature names. */
export function digestOfText(titles: Words, texts: Words): string {
  return sha256Hex(Buffer.from(canonicalJson({ titles, texts })));
}

/** Whether somebody typed their own name: spaces, width and case do not count. */
export function isSameName(typed: string, registered: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
  return plain(typed) === plain(registered) && plain(typed) !== '';
}

export interface Paper {
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** An uploaded paper; null where the bytes are not a PDF (ISO 32000-1, section 7.5.2). */
export function paperOf(base64: string): Paper | null {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.subarray(0, 1024).indexOf('%PDF-') < 0) return null;
  return { bytes, digest: sha256Hex(bytes) };
}
