import { z } from 'zod';
import type { Json } from '../../kernel/json.ts';
import { languages } from '../../kernel/language.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import type { Event } from '../../policy/event.ts';
import { clauseText } from './facts.ts';

/** What surrounds the text: settings, the contact, reports from strangers, the yearly review. */

const link = z.union([z.literal(''), z.url({ protocol: /^https?$/ }).max(500)]);

/** The settings of the publication. */
export const publicationSettings = z.object({
  /** Counts changes; a change names the one it was made from. */
  revision: z.int().min(0).default(0),
  /** Languages that the policy is published in; a text and every promise must stand in each. */
  languages: z.array(z.enum(languages)).min(1).max(2).default(['en', 'ja']),
  /** The organisation as the policy names it, which may differ by language. */
  name: z
    .object({ en: z.string().trim().max(200), ja: z.string().trim().max(200) })
    .default({ en: '', ja: '' }),
  /** Strangers see the text without its statuses. */
  hideStatuses: z.boolean().default(false),
  contactEmail: z.union([z.literal(''), z.email().max(320)]).default(''),
  /** Page where questions go; ours where none is given. */
  contactUrl: link.default(''),
  privacyPolicyUrl: link.default(''),
  /** Where the policy is published; this installation where nothing is given. */
  website: link.default(''),
  /** Days to acknowledge a version that asks. */
  acknowledgementDays: z.int().min(1).max(90).default(14),
  /** Fields of security.txt (RFC 9116) besides contact, languages and policy, which Kept knows. */
  securityTxt: z
    .object({
      /** Last day on which the file counts. RFC 9116, section 2.5.5, advises less than a year. */
      expiresOn: z.iso.date().nullable().default(null),
      encryption: link.default(''),
      acknowledgments: link.default(''),
      hiring: link.default(''),
    })
    .prefault({}),
});
export type PublicationSettings = z.output<typeof publicationSettings>;

export const outcomes = ['confirmed', 'notAVulnerability', 'duplicate', 'spam'] as const;
export const reviewOutcomes = ['unchanged', 'toBeChanged'] as const;

/** Days in which the security officer answers a report. */
export const reportDays = 5;

export const vulnerabilityReport = z.object({
  /** What it is about: a product, an address, a version. */
  about: z.string().trim().min(1).max(300),
  details: z.string().trim().min(10).max(20_000),
  /** How to reach whoever reports; may stay empty. */
  reporter: z.string().trim().max(320).default(''),
  language: z.enum(languages).default('en'),
});

export const officeCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('changeSettings'), settings: publicationSettings }),
  z.object({ do: z.literal('reportVulnerability'), ...vulnerabilityReport.shape }),
  z.object({
    do: z.literal('answerReport'),
    reportId: z.uuid(),
    outcome: z.enum(outcomes),
    answer: z.string().trim().max(5000).default(''),
  }),
  z.object({
    do: z.literal('reviewPolicy'),
    outcome: z.enum(reviewOutcomes),
    note: z.string().trim().max(2000).default(''),
  }),
  /** Said by Kept itself when it starts. */
  z.object({
    do: z.literal('declare'),
    texts: z.array(clauseText).max(500),
    upholders: z
      .array(
        z.object({
          promise: z.string(),
          upholder: z.string(),
          kind: z.enum(['check', 'duty', 'guard']),
        }),
      )
      .max(2000),
  }),
]);
export type OfficeCommand = z.output<typeof officeCommand>;
export type Declaration = Omit<Extract<OfficeCommand, { do: 'declare' }>, 'do'>;

/**
 * What this version of Kept ships and upholds, as bytes. Recorded when it differs from the last,
 * so that the ledger shows the day on which a promise lost or gained what upholds it.
 */
export function declarationBytes({ texts, upholders }: Declaration): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ v: 1, texts, upholders }));
}

export function isSame(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

export interface OfficeState {
  readonly settings: PublicationSettings;
  /** Of what was last declared; null where nothing was. */
  readonly declared: {
    readonly digest: string;
    readonly upholders: readonly { readonly promise: string; readonly upholder: string }[];
  } | null;
  /** Null: no such report, or none asked for. */
  readonly report: { readonly answered: boolean } | null;
  readonly inForce: boolean;
}

export type OfficeRefusal =
  | 'versionConflict'
  | 'expiryPassed'
  | 'reportNotFound'
  | 'reportAnswered'
  | 'needsPerson'
  | 'nothingInForce';

export type OfficeEvent =
  | (Event & {
      readonly type: 'PublicationSettingsChanged';
      readonly body: { readonly revision: number; readonly changed: readonly string[] };
      readonly private?: { readonly settings: PublicationSettings };
    })
  | (Event & {
      readonly type: 'VulnerabilityReported';
      readonly body: { readonly dueAt: string; readonly characters: number };
      readonly private?: {
        readonly about: string;
        readonly details: string;
        readonly reporter: string;
        readonly language: string;
      };
    })
  | (Event & {
      readonly type: 'ReportAnswered';
      readonly body: { readonly outcome: (typeof outcomes)[number] };
      readonly private?: { readonly answer: string };
    })
  | PolicyReviewed
  | (Event & {
      readonly type: 'PolicyDeclared';
      readonly body: {
        readonly declarationBlob: string;
        readonly texts: number;
        readonly upholders: number;
        readonly added: readonly string[];
        readonly removed: readonly string[];
      };
      readonly blobs?: { readonly declarationBlob: Uint8Array };
    });

/** Somebody went through the whole text; the first publication is one. */
export interface PolicyReviewed extends Event {
  readonly type: 'PolicyReviewed';
  readonly body: {
    readonly outcome: (typeof reviewOutcomes)[number] | 'firstPublished';
    readonly nextDueAt: string;
  };
  readonly private?: { readonly note: string };
}
