import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';

export const mediaTypes = ['application/pdf', 'text/plain'] as const;

/** Bytes of a report: auditors' reports have a hundred pages, not a thousand pictures. */
export const reportLimitBytes = 20 * 1024 * 1024;
/** Years after its period for which a report may be relied upon: a cycle of ISO/IEC 17021-1, 9.1.3. */
export const reportLastsYears = 3;
/** Days before it expires on which its renewal is asked for. */
export const askBeforeDays = 60;

const anId = z.string().refine(isUuid);

export const reportFields = {
  provider: z.string().trim().min(1).max(100),
  title: z.string().trim().min(1).max(200),
  /** Days that the auditor looked at. */
  periodFrom: z.iso.date(),
  periodTo: z.iso.date(),
  /** Last day on which we stand on it. */
  expiresOn: z.iso.date(),
  /** What stays ours to do, in both languages. */
  ours: z.object({
    en: z.string().trim().min(1).max(5000),
    ja: z.string().trim().min(1).max(5000),
  }),
  fileName: z.string().trim().min(1).max(200),
  mediaType: z.enum(mediaTypes),
  /** The file. */
  base64: z.base64().max(Math.ceil(reportLimitBytes / 3) * 4),
};

export const providerCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('recordProviderReport'), ...reportFields }),
  /** Recorded by mistake, or taken back by the auditor: nothing stands on it any more. */
  z.object({
    do: z.literal('withdrawProviderReport'),
    reportId: anId,
    reason: z.string().trim().min(1).max(2000),
  }),
  /** The clock's: its end is near and nothing newer is there. */
  z.object({ do: z.literal('askRenewal'), reportId: anId }),
]);
export type ProviderCommand = z.infer<typeof providerCommand>;

export interface ProviderReportRecorded extends Event {
  readonly type: 'ProviderReportRecorded';
  readonly body: {
    readonly provider: string;
    readonly title: string;
    readonly periodFrom: string;
    readonly periodTo: string;
    readonly expiresOn: string;
    /** SHA-256 of the file, a blob of this entry. */
    readonly file: string;
    readonly size: number;
    readonly mediaType: string;
    readonly ours: { readonly en: string; readonly ja: string };
  };
  readonly private: { readonly fileName: string };
  readonly by: string | null;
}
export interface ProviderReportWithdrawn extends Event {
  readonly type: 'ProviderReportWithdrawn';
  readonly body: { readonly provider: string };
  readonly private: { readonly reason: string };
}
export interface ProviderRenewalAsked extends Event {
  readonly type: 'ProviderRenewalAsked';
  readonly body: { readonly provider: string; readonly expiresOn: string };
}

/** Subject `report/ID`. What a provider is called is nobody's personal data. */
export type ProviderEvent = ProviderReportRecorded | ProviderReportWithdrawn | ProviderRenewalAsked;

export type ProviderRefusal =
  | 'notFound'
  | 'periodBackwards'
  | 'expiresBeforePeriod'
  | 'expiresTooFar'
  | 'reportExpired'
  | 'reportEmpty'
  | 'reportNotPdf'
  | 'reportTooLarge'
  | 'reportWithdrawn';

/** Types of entries after which reports may differ. */
export const reportsChanged = ['ProviderReportRecorded', 'ProviderReportWithdrawn'] as const;

export const renewalTask = 'retention.renewReport';
export const renewalKind = 'retention.askRenewal';
