import { personOf } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  type ProviderCommand,
  type ProviderEvent,
  type ProviderRefusal,
  reportLastsYears,
  reportLimitBytes,
} from './facts.provider.ts';

export interface ProviderState {
  readonly report: {
    readonly id: string;
    readonly provider: string;
    readonly expiresOn: Temporal.PlainDate;
    readonly withdrawn: boolean;
    /** A report of the same provider that lasts longer is there. */
    readonly renewed: boolean;
    /** Its renewal was asked for before. */
    readonly asked: boolean;
  } | null;
  /** The file that the command brings, and its SHA-256; null where it brings none. */
  readonly file: { readonly bytes: Uint8Array; readonly digest: string } | null;
}

type Decision = Result<readonly ProviderEvent[], Refusal<ProviderRefusal>>;
type Of<Do extends ProviderCommand['do']> = ProviderCommand & { readonly do: Do };

/** Decides one command on the reports that inherited controls stand on. */
export function decideProvider(
  state: ProviderState,
  command: ProviderCommand,
  context: Context,
): Decision {
  if (command.do === 'recordProviderReport') return record(state, command, context);
  const { report } = state;
  if (!report) return refuse('notFound');
  const subject = `report/${report.id}`;
  const { provider } = report;
  if (command.do === 'askRenewal') {
    if (report.withdrawn || report.renewed || report.asked) return ok([]);
    const expiresOn = report.expiresOn.toString();
    return ok([{ type: 'ProviderRenewalAsked', subject, body: { provider, expiresOn } }]);
  }
  if (report.withdrawn) return refuse('reportWithdrawn');
  const { reason } = command;
  return ok([
    { type: 'ProviderReportWithdrawn', subject, body: { provider }, private: { reason } },
  ]);
}

function record(
  { file }: ProviderState,
  command: Of<'recordProviderReport'>,
  { actor, now, zone, newId }: Context,
): Decision {
  const { provider, title, periodFrom, periodTo, expiresOn, ours, mediaType, fileName } = command;
  if (periodTo < periodFrom) return refuse('periodBackwards');
  if (expiresOn < periodTo) return refuse('expiresBeforePeriod');
  const latest = Temporal.PlainDate.from(periodTo).add({ years: reportLastsYears }).toString();
  if (expiresOn > latest) return refuse('expiresTooFar', { latest });
  if (expiresOn < dateIn(now, zone).toString()) return refuse('reportExpired', { expiresOn });
  if (!file || file.bytes.length === 0) return refuse('reportEmpty');
  if (file.bytes.length > reportLimitBytes) return refuse('reportTooLarge');
  if (mediaType === 'application/pdf' && !isPdf(file.bytes)) return refuse('reportNotPdf');
  return ok([
    {
      type: 'ProviderReportRecorded',
      subject: `report/${newId()}`,
      body: {
        provider,
        title,
        periodFrom,
        periodTo,
        expiresOn,
        file: file.digest,
        size: file.bytes.length,
        mediaType,
        ours,
      },
      private: { fileName },
      erasable: { file: file.bytes },
      by: personOf(actor),
    },
  ]);
}

/** ISO 32000-2, section 7.5.2: the header stands within the first bytes. */
function isPdf(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 1024)).includes('%PDF-');
}
