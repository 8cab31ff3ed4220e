import { personOf } from '../../kernel/actor.ts';
import { dateIn, instantText, lastDayOf } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  AcknowledgementCommand,
  AcknowledgementEvent,
  AcknowledgementRefusal,
  AcknowledgementState,
} from './facts.acknowledgement.ts';
import type { Version } from './facts.ts';
import { digestOfBytes, listOf } from './facts.version.ts';
import { askEvent } from './flow.approval.ts';
import { subjectOf } from './flow.draft.ts';

type Decision = Result<readonly AcknowledgementEvent[], Refusal<AcknowledgementRefusal>>;

/** Who has read what is in force, who is asked to, and who no longer needs to. */
export function decideAcknowledgement(
  state: AcknowledgementState,
  command: AcknowledgementCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'acknowledge':
      return acknowledge(state, command, context);
    case 'readRoster':
      return ok(readRoster(state));
    case 'remind':
      return ok(remind(state, command.dueAt, context));
  }
}

function acknowledge(
  state: AcknowledgementState,
  command: Extract<AcknowledgementCommand, { do: 'acknowledge' }>,
  { actor }: Context,
): Decision {
  const person = personOf(actor);
  if (!person) return refuse('needsPerson');
  if (actor.kind !== 'person' || !actor.secondFactor)
    return refuseByGuard('PEO-1', 'secondFactorNeeded');
  const { inForce } = state;
  if (!inForce) return refuse('nothingInForce');
  if (inForce.digest !== command.digest)
    return refuse('textSuperseded', { number: inForce.number });
  if (!inForce.languages.includes(command.language)) return refuse('languageNotPublished');
  if (state.acknowledged) return ok([]);
  return ok([
    {
      type: 'PolicyAcknowledged',
      subject: `person/${person}`,
      body: {
        version: inForce.id,
        number: inForce.number,
        digest: command.digest,
        language: command.language,
        secondFactor: true,
      },
    },
  ]);
}

function readRoster({
  inForce,
  newcomers,
  leavers,
  readToday,
}: AcknowledgementState): readonly AcknowledgementEvent[] {
  if (!inForce) return [];
  const nobody = newcomers.length === 0 && leavers.length === 0;
  if (nobody && readToday) return [];
  const read: AcknowledgementEvent = {
    type: 'RosterRead',
    subject: subjectOf(inForce),
    body: { joined: newcomers.length, left: leavers.length },
  };
  return [read, ...askNewcomers(inForce, newcomers), ...releaseLeavers(inForce, leavers)];
}

function askNewcomers(
  inForce: Version,
  newcomers: AcknowledgementState['newcomers'],
): readonly AcknowledgementEvent[] {
  return newcomers.length === 0
    ? []
    : [askEvent(subjectOf(inForce), inForce.number, 'joined', newcomers)];
}

function releaseLeavers(
  inForce: Version,
  leavers: readonly string[],
): readonly AcknowledgementEvent[] {
  if (leavers.length === 0) return [];
  const list = listOf(leavers);
  return [
    {
      type: 'AcknowledgementsReleased',
      subject: subjectOf(inForce),
      body: { people: leavers.length, listBlob: digestOfBytes(list) },
      blobs: { listBlob: list },
    },
  ];
}

function remind(
  { inForce, waiting }: AcknowledgementState,
  dueAt: string,
  { now, zone }: Context,
): readonly AcknowledgementEvent[] {
  if (!inForce || waiting.length === 0) return [];
  const list = listOf(waiting.map(({ personId }) => personId));
  return [
    {
      type: 'AcknowledgementsReminded',
      subject: subjectOf(inForce),
      body: {
        dueAt: instantText(Temporal.Instant.from(dueAt)),
        days: dateIn(now, zone).until(lastDayOf(Temporal.Instant.from(dueAt), zone)).days,
        people: waiting.length,
        listBlob: digestOfBytes(list),
      },
      blobs: { listBlob: list },
    },
  ];
}
