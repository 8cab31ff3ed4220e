import { personOf } from '../../kernel/actor.ts';
import { addMonths, dateIn, endOfDay, instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  declarationBytes,
  isSame,
  type OfficeCommand,
  type OfficeEvent,
  type OfficeRefusal,
  type OfficeState,
  type PolicyReviewed,
  type PublicationSettings,
  reportDays,
} from './facts.office.ts';
import { digestOfBytes } from './facts.version.ts';

type Decision = Result<readonly OfficeEvent[], Refusal<OfficeRefusal>>;

/** What surrounds the text: settings, reports of vulnerabilities, the yearly review, what ships. */
export function decideOffice(
  state: OfficeState,
  command: OfficeCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'changeSettings':
      return changeSettings(state.settings, command.settings, context);
    case 'reportVulnerability':
      return ok([reported(command, context)]);
    case 'answerReport':
      return answerReport(state, command, context);
    case 'reviewPolicy':
      if (!personOf(context.actor)) return refuse('needsPerson');
      if (!state.inForce) return refuse('nothingInForce');
      return ok([reviewed(command.outcome, context, command.note)]);
    case 'declare':
      return declare(state, command);
  }
}

function changeSettings(
  before: PublicationSettings,
  wanted: PublicationSettings,
  context: Context,
): Decision {
  if (wanted.revision !== before.revision) return refuse('versionConflict');
  const changed = settingNames.filter((name) => !isSame(before[name], wanted[name]));
  if (changed.length === 0) return ok([]);
  const { expiresOn } = wanted.securityTxt;
  const today = dateIn(context.now, context.zone);
  const passed =
    expiresOn !== null && Temporal.PlainDate.compare(Temporal.PlainDate.from(expiresOn), today) < 0;
  if (passed && expiresOn !== before.securityTxt.expiresOn)
    return refuse('expiryPassed', { expiresOn });
  const settings = { ...wanted, revision: before.revision + 1 };
  return ok([
    {
      type: 'PublicationSettingsChanged',
      subject: 'organisation/publication',
      body: { revision: settings.revision, changed },
      private: { settings },
    },
  ]);
}

const settingNames = [
  'languages',
  'name',
  'hideStatuses',
  'contactEmail',
  'contactUrl',
  'privacyPolicyUrl',
  'website',
  'acknowledgementDays',
  'securityTxt',
] as const;

function reported(
  command: Extract<OfficeCommand, { do: 'reportVulnerability' }>,
  context: Context,
): OfficeEvent {
  const { about, details, reporter, language } = command;
  const dueOn = dateIn(context.now, context.zone).add({ days: reportDays });
  return {
    type: 'VulnerabilityReported',
    subject: `vulnerabilityReport/${context.newId()}`,
    body: { dueAt: instantText(endOfDay(dueOn, context.zone)), characters: details.length },
    private: { about, details, reporter, language },
  };
}

function answerReport(
  state: OfficeState,
  command: Extract<OfficeCommand, { do: 'answerReport' }>,
  context: Context,
): Decision {
  if (!personOf(context.actor)) return refuse('needsPerson');
  if (!state.report) return refuse('reportNotFound');
  if (state.report.answered) return refuse('reportAnswered');
  return ok([
    {
      type: 'ReportAnswered',
      subject: `vulnerabilityReport/${command.reportId}`,
      body: { outcome: command.outcome },
      private: { answer: command.answer },
    },
  ]);
}

/** That somebody went through the whole text; the next time is a year later. */
export function reviewed(
  outcome: PolicyReviewed['body']['outcome'],
  { now, zone }: Pick<Context, 'now' | 'zone'>,
  note: string,
): PolicyReviewed {
  const nextDueAt = instantText(endOfDay(addMonths(dateIn(now, zone), 12), zone));
  return {
    type: 'PolicyReviewed',
    subject: 'policy/review',
    body: { outcome, nextDueAt },
    private: { note },
  };
}

function declare(state: OfficeState, command: Extract<OfficeCommand, { do: 'declare' }>): Decision {
  const bytes = declarationBytes(command);
  const digest = digestOfBytes(bytes);
  if (state.declared?.digest === digest) return ok([]);
  const named = (it: { readonly promise: string; readonly upholder: string }): string =>
    `${it.promise} ${it.upholder}`;
  const before = new Set((state.declared?.upholders ?? []).map(named));
  const now = new Set(command.upholders.map(named));
  return ok([
    {
      type: 'PolicyDeclared',
      subject: 'policy/declaration',
      body: {
        declarationBlob: digest,
        texts: command.texts.length,
        upholders: now.size,
        // The first declaration adds everything: the blob lists it, the entry need not.
        added: state.declared ? [...now].filter((name) => !before.has(name)) : [],
        removed: [...before].filter((name) => !now.has(name)),
      },
      blobs: { declarationBlob: bytes },
    },
  ]);
}
