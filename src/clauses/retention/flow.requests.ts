import { personOf } from '../../kernel/actor.ts';
import { dateIn, endOfDay, instantText, isBefore } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import {
  kindTitles,
  type RequestCommand,
  type RequestEvent,
  type RequestKind,
  type RequestRefusal,
  type RequestSettings,
  silentOutcomes,
} from './facts.requests.ts';

export interface RequestState {
  readonly settings: RequestSettings;
  /** The number that the next request gets. */
  readonly nextNumber: number;
  readonly request: {
    readonly id: string;
    readonly number: number;
    readonly kind: RequestKind;
    readonly customerId: string | null;
    readonly contactId: string | null;
    readonly receivedOn: Temporal.PlainDate;
    readonly dueAt: Temporal.Instant;
    readonly ownerId: string | null;
    readonly verified: boolean;
    readonly extended: boolean;
    readonly answered: boolean;
  } | null;
  /** The customer that the command names is in the register, and not erased. */
  readonly customerKnown: boolean;
  /** The contact that the command names is one of that customer. */
  readonly contactKnown: boolean;
  /** The person that the command names works here. */
  readonly ownerKnown: boolean;
}

type Decision = Result<readonly RequestEvent[], Refusal<RequestRefusal>>;
type Of<Do extends RequestCommand['do']> = RequestCommand & { readonly do: Do };
type Standing = NonNullable<RequestState['request']>;

/** Decides one command on the register of requests. */
export function decideRequest(
  state: RequestState,
  command: RequestCommand,
  context: Context,
): Decision {
  if (command.do === 'openRequest') return open(state, command, context);
  if (command.do === 'changeRequestSettings') return changeSettings(state, command);
  const { request } = state;
  if (!request) return refuse('notFound');
  if (request.answered) return refuse('requestAnswered', { number: request.number });
  const subject = `request/${request.id}`;
  switch (command.do) {
    case 'matchRequest':
      return match(state, request, command);
    case 'assignRequest':
      if (!state.ownerKnown) return refuse('ownerUnknown');
      if (request.ownerId === command.ownerId) return refuse('nothingToChange');
      return ok([{ type: 'RequestAssigned', subject, body: { owner: command.ownerId } }]);
    case 'verifyIdentity':
      return verify(request, command, context);
    case 'extendRequest':
      return extend(state, request, command, context);
    case 'answerRequest':
      return answer(request, command, context);
  }
}

/** A contact who is signed in asks for their own account and has said who they are by that. */
function open(state: RequestState, command: Of<'openRequest'>, context: Context): Decision {
  const { actor, now, zone, newId } = context;
  const atPortal = actor.kind === 'contact';
  const customerId = atPortal ? actor.customerId : command.customerId;
  const contactId = atPortal ? actor.id : command.contactId;
  if (customerId && !state.customerKnown) return refuse('customerUnknown');
  if (contactId && !state.contactKnown) return refuse('contactUnknown');
  const today = dateIn(now, zone);
  const receivedOn = command.receivedOn ? Temporal.PlainDate.from(command.receivedOn) : today;
  if (Temporal.PlainDate.compare(receivedOn, today) > 0) return refuse('receivedInFuture');
  const id = newId();
  const dueAt = endOfDay(receivedOn.add({ days: state.settings.answerDays }), zone);
  const { what, fromName, fromAddress, kind } = command;
  return ok([
    {
      type: 'RequestOpened',
      subject: `request/${id}`,
      body: {
        number: state.nextNumber,
        customer: customerId,
        contact: contactId,
        kind,
        channel: atPortal ? 'portal' : command.channel,
        receivedOn: receivedOn.toString(),
        dueAt: instantText(dueAt),
        method: atPortal ? 'signedIn' : null,
      },
      private: { what, fromName, fromAddress },
      about: id,
    },
  ]);
}

/** Who wrote is found in the register; that it was really them is made sure of afterwards. */
function match(state: RequestState, request: Standing, command: Of<'matchRequest'>): Decision {
  if (request.customerId) return refuse('requestMatched');
  if (!state.customerKnown) return refuse('customerUnknown');
  if (command.contactId && !state.contactKnown) return refuse('contactUnknown');
  const body = { customer: command.customerId, contact: command.contactId };
  return ok([{ type: 'RequestMatched', subject: `request/${request.id}`, body }]);
}

function verify(
  request: Standing,
  { method, note }: Of<'verifyIdentity'>,
  { actor }: Context,
): Decision {
  const by = personOf(actor);
  if (!by) return refuse('needsPerson');
  // Made sure of against what the register knows of a customer: there must be one.
  if (!request.customerId) return refuse('requestUnmatched');
  if (request.verified) return refuse('alreadyVerified');
  return ok([
    {
      type: 'IdentityVerified',
      subject: `request/${request.id}`,
      body: { method, by },
      private: { note },
      about: request.id,
    },
  ]);
}

/**
 * Once, counted from the day on which it was due, and before that day is over: who asked must hear of
 * it in time (GDPR 12(3)), and what is late already stays late.
 */
function extend(
  { settings }: RequestState,
  request: Standing,
  { reason }: Of<'extendRequest'>,
  { now, zone }: Context,
): Decision {
  if (request.extended) return refuse('alreadyExtended');
  if (!isBefore(now, request.dueAt)) return refuse('extensionTooLate', { number: request.number });
  const due = dateIn(request.dueAt, zone).subtract({ days: 1 });
  const dueAt = endOfDay(due.add({ days: settings.extensionDays }), zone);
  return ok([
    {
      type: 'RequestExtended',
      subject: `request/${request.id}`,
      body: { dueAt: instantText(dueAt) },
      private: { reason },
      about: request.id,
    },
  ]);
}

/** RET-4: nobody is told anything, and nothing is done for them, before we know who they are. */
function answer(
  request: Standing,
  { outcome, answer: text }: Of<'answerRequest'>,
  { actor, now, zone }: Context,
): Decision {
  const silent = silentOutcomes.includes(outcome);
  if (!silent && !request.verified)
    return refuseByGuard('RET-4', 'identityNotVerified', { number: request.number });
  if (outcome === 'unverified' && request.verified) return refuse('alreadyVerified');
  const days = request.receivedOn.until(dateIn(now, zone), { largestUnit: 'days' }).days;
  return ok([
    {
      type: 'RequestAnswered',
      subject: `request/${request.id}`,
      body: { outcome, by: personOf(actor), days, late: !isBefore(now, request.dueAt) },
      private: { answer: text },
      about: request.id,
    },
  ]);
}

function changeSettings(state: RequestState, { settings }: Of<'changeRequestSettings'>): Decision {
  const { answerDays, extensionDays } = settings;
  const before = state.settings;
  if (before.answerDays === answerDays && before.extensionDays === extensionDays)
    return refuse('nothingToChange');
  return ok([
    {
      type: 'RequestSettingsChanged',
      subject: 'setting/requests',
      body: { answerDays, extensionDays },
    },
  ]);
}

/**
 * A contact hears that their request arrived, that it takes longer, and that it is answered. Who was
 * not made sure of hears nothing but that something arrived: the mail goes to the address in the
 * register, so that somebody in whose name a stranger writes learns of it.
 */
export function mailsOfRequest(event: RequestEvent, { request }: RequestState): readonly Effect[] {
  const mail = (to: string | null, name: string, kind: RequestKind, number: number, id: string) =>
    to
      ? [
          {
            kind: 'customerMail' as const,
            to,
            template: `retention.${name}`,
            params: { ...kindTitles[kind], number },
            path: `/portal/requests/${id}`,
          },
        ]
      : [];
  if (event.type === 'RequestOpened') {
    const { contact, kind, number } = event.body;
    return mail(contact, 'requestReceived', kind, number, event.subject.slice('request/'.length));
  }
  if (!request) return [];
  const { contactId, kind, number, id } = request;
  if (event.type === 'RequestExtended') return mail(contactId, 'requestExtended', kind, number, id);
  if (event.type === 'RequestAnswered' && !silentOutcomes.includes(event.body.outcome))
    return mail(contactId, 'requestAnswered', kind, number, id);
  return [];
}
