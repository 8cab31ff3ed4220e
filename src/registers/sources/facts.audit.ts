import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { auditWays } from './facts.terms.ts';
import { sourceId } from './facts.ts';

/** A package in one version, as an audit found it in a source. */
const auditedComponent = z.object({
  /** As OSV writes it; empty where no advisories tell of it. */
  ecosystem: z.string().max(200),
  name: z.string().min(1).max(2000),
  /** Empty where the file does not say. */
  version: z.string().max(500),
  purl: z.string().max(4000).nullable(),
  isDevelopment: z.boolean(),
  /** Names from what the software asks for to itself; null where the file does not tell. */
  path: z.array(z.string()).nullable(),
});
export type AuditedComponent = z.infer<typeof auditedComponent>;

/** Records what a source consists of: what was read, and whether it was all. */
export const recordAudit = z.object({
  sourceId,
  way: z.enum(auditWays),
  formats: z.array(z.string().max(200)).max(500),
  /** Of what was read only in part nothing is proven gone. */
  complete: z.boolean(),
  /** Each package in each version once. */
  components: z.array(auditedComponent).max(1_000_000),
  notes: z.array(z.string().max(2000)).max(1000),
  /** Why most of what was known is gone, where it is: without a word such an audit is refused. */
  goneBecause: z.string().trim().min(1).max(2000).optional(),
});
export type RecordAudit = z.infer<typeof recordAudit>;

/** Says, as a second person, that so much is gone indeed. */
export const confirmAudit = z.object({ sourceId, auditId: z.uuid() });
export type ConfirmAudit = z.infer<typeof confirmAudit>;

export type SourceAudited = Event & {
  readonly type: 'SourceAudited';
  readonly body: {
    readonly sourceId: string;
    readonly auditId: string;
    readonly complete: boolean;
    readonly components: number;
    /** Components that it had not, and that it no longer has. */
    readonly added: number;
    readonly gone: number;
    /** Components that would be gone, were it not in doubt; absent where it is not. */
    readonly doubted?: number;
    /** SHA-256 over `ecosystem⇥name⇥version` a line, sorted. */
    readonly digest: string;
  };
  readonly audit: RecordAudit;
};

export type AuditConfirmed = Event & {
  readonly type: 'AuditConfirmed';
  readonly body: {
    readonly sourceId: string;
    readonly auditId: string;
    readonly approverId: string;
    readonly gone: number;
  };
};

/** Types of entries after which a source is known to consist of something else. */
export const auditsChanged = ['SourceAudited', 'AuditConfirmed'] as const;

export type AuditRefusal = 'notFound' | 'sourceRetired' | 'mostIsGone';

export type ConfirmRefusal =
  | 'notFound'
  | 'sourceRetired'
  | 'confirmingNeedsPerson'
  | 'auditNotDoubted'
  | 'auditSuperseded'
  | 'ownAudit'
  | 'giverUnknown';
