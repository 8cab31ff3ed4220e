import { z } from 'zod';
import { roles } from '../../kernel/actor.ts';
import { type Language, languages } from '../../kernel/language.ts';
import type { Event } from '../../policy/event.ts';
import type { PolicyReviewed } from './facts.office.ts';

/** The versions of the policy: what they are, what may be done with them, what then happened. */

export const versionStates = [
  'draft',
  'proposed',
  'approved',
  'published',
  'superseded',
  'discarded',
] as const;
export type VersionState = (typeof versionStates)[number];

/** Days from starting in which a newcomer acknowledges the policy: PEO-1 names the number. */
export const newcomerDays = 14;

const id = z.uuid();
const language = z.enum(languages);
/** Folder name of a clause, or what an organisation calls one of its own. */
export const clauseId = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/);
/** A clause's text. 50,000 characters are some twenty pages: a clause longer than that is several. */
const markdown = z.string().max(50_000).transform(normalised);
const words = z.partialRecord(language, z.string().trim().max(2000));
const date = z.iso.date();

/**
 * Line ends and blanks at the end say nothing; without them the same text has the same digest
 * whatever editor wrote it.
 */
export function normalised(text: string): string {
  return `${text.replaceAll('\r\n', '\n').normalize('NFC').trimEnd()}\n`;
}

export const clauseText = z.object({ clause: clauseId, language, markdown });
export type ClauseText = z.output<typeof clauseText>;

export const draftCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('createDraft'), from: z.enum(['published', 'shipped']) }),
  z.object({ do: z.literal('importDraft'), texts: z.array(clauseText).min(1).max(200) }),
  z.object({
    do: z.literal('saveText'),
    versionId: id,
    clause: clauseId,
    language,
    markdown,
    /** Revision that was edited; 0 where the clause had no text in this language. */
    revision: z.int().min(0),
  }),
  z.object({
    do: z.literal('addClause'),
    versionId: id,
    clause: clauseId,
    /** From 0; at the end where nothing is said. */
    position: z.int().min(0).max(1000).optional(),
    text: z
      .partialRecord(language, markdown)
      .refine((text) => Object.keys(text).length > 0, 'a clause begins with a text'),
  }),
  z.object({ do: z.literal('removeClause'), versionId: id, clause: clauseId }),
  z.object({ do: z.literal('orderClauses'), versionId: id, clauses: z.array(clauseId).max(200) }),
  z.object({ do: z.literal('discardDraft'), versionId: id }),
]);
export type DraftCommand = z.output<typeof draftCommand>;

/** Whose duties a changed clause touches. No role and no department: nobody's. */
export const concern = z.object({
  clause: clauseId,
  roles: z.array(z.enum(roles)).max(20),
  departments: z.array(z.string().max(200)).max(200),
});
export type Concern = z.output<typeof concern>;

/** Who must acknowledge a new version: everyone; those whose duties changed; nobody, for corrections. */
export const ask = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('everyone') }),
  z.object({ kind: z.literal('changed'), concerned: z.array(concern).max(200) }),
  z.object({ kind: z.literal('nobody'), reason: z.string().trim().min(1).max(2000) }),
]);
export type Ask = z.output<typeof ask>;

export const approvalCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('propose'),
    versionId: id,
    /** Null: on the day of its approval. */
    effectiveOn: date.nullable(),
    summary: words,
  }),
  z.object({ do: z.literal('withdraw'), versionId: id }),
  z.object({ do: z.literal('reject'), versionId: id, reason: z.string().trim().min(1).max(2000) }),
  z.object({
    do: z.literal('approve'),
    versionId: id,
    /** Of the text the approver read. */
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    ask,
    /** Every promise that the text no longer makes, named one by one. */
    removedPromises: z.array(z.string().max(20)).max(500),
  }),
  z.object({ do: z.literal('publishNow'), versionId: id }),
  /** By the clock, on the effective date. */
  z.object({ do: z.literal('publishDue'), versionId: id }),
]);
export type ApprovalCommand = z.output<typeof approvalCommand>;

/** A version without its text. */
export interface Version {
  readonly id: string;
  readonly number: number;
  readonly state: VersionState;
  readonly origin: 'published' | 'shipped' | 'import';
  readonly effectiveOn: Temporal.PlainDate | null;
  readonly digest: string | null;
  readonly languages: readonly Language[];
  readonly ask: Ask | null;
}

export type RefusalCode =
  | 'versionNotFound'
  | 'versionConflict'
  | 'draftExists'
  | 'nothingShipped'
  | 'nothingPublished'
  | 'notADraft'
  | 'notProposed'
  | 'notApproved'
  | 'clauseNotFound'
  | 'clauseExists'
  | 'orderIncomplete'
  | 'textHasProblems'
  | 'nothingChanged'
  | 'needsPerson'
  | 'authorApproves'
  | 'textChanged'
  | 'removedNotNamed'
  | 'everyoneFirst'
  | 'notACorrection'
  | 'concernMissing';

interface About<
  Type extends string,
  Body extends Event['body'],
  Private extends Event['private'] = undefined,
> extends Event {
  readonly type: Type;
  readonly body: Body;
  readonly private?: Private & {};
}

export type DraftEvent =
  | About<
      'DraftCreated',
      {
        readonly number: number;
        readonly origin: Version['origin'];
        readonly from: string | null;
        readonly texts: number;
      },
      {
        readonly texts: readonly { readonly [key in 'clause' | 'language' | 'markdown']: string }[];
      }
    >
  | About<
      'ClauseTextSaved',
      {
        readonly clause: string;
        readonly language: Language;
        readonly revision: number;
        readonly digest: string;
      },
      { readonly markdown: string }
    >
  | About<
      'ClauseAdded',
      { readonly clause: string; readonly position: number },
      {
        readonly text: Readonly<Partial<Record<Language, string>>> & {
          readonly [key: string]: string;
        };
      }
    >
  | About<'ClauseRemoved', { readonly clause: string }>
  | About<'ClausesOrdered', { readonly clauses: readonly string[] }>
  | About<'DraftDiscarded', { readonly number: number }>;

export type ApprovalEvent =
  | About<
      'PolicyProposed',
      { readonly number: number; readonly digest: string; readonly effectiveOn: string | null },
      {
        readonly summary: Readonly<Partial<Record<Language, string>>> & {
          readonly [key: string]: string;
        };
      }
    >
  | About<'ProposalWithdrawn', { readonly number: number; readonly from: 'proposed' | 'approved' }>
  | About<
      'ProposalRejected',
      { readonly number: number; readonly digest: string },
      { readonly reason: string }
    >
  | About<
      'PolicyApproved',
      {
        readonly number: number;
        readonly digest: string;
        readonly effectiveOn: string;
        readonly ask: Ask['kind'];
        readonly promisesRemoved: readonly string[];
      },
      { readonly ask: Ask }
    >
  | PolicyPublished
  | PolicyReviewed
  | AcknowledgementsAsked;

export type PolicyPublished = About<
  'PolicyPublished',
  {
    readonly number: number;
    /** SHA-256 of the canonical text, which is the blob. */
    readonly digest: string;
    readonly textBlob: string;
    readonly effectiveOn: string;
    readonly languages: readonly Language[];
    readonly clauses: number;
    readonly promises: number;
    readonly promisesAdded: readonly string[];
    readonly promisesRemoved: readonly string[];
    readonly promisesReworded: readonly string[];
    readonly ask: Ask['kind'];
    readonly supersedes: string | null;
  }
>;

/** People are asked: the blob has a line `person<TAB>due` for each, sorted. */
export type AcknowledgementsAsked = About<
  'AcknowledgementsAsked',
  {
    readonly number: number;
    readonly because: 'joined' | 'published';
    readonly people: number;
    readonly listBlob: string;
  }
>;

/** One who is asked, and by when. */
export interface Asked {
  readonly personId: string;
  readonly dueAt: Temporal.Instant;
}
