import { personOf } from '../../kernel/actor.ts';
import { dateIn, startOfDay } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  digestOfText,
  isSameName,
  paperLimitBytes,
  paperOf,
  type UndertakingCommand,
  type UndertakingEvent,
  type UndertakingRefusal,
  type UndertakingState,
} from './facts.undertaking.ts';

type Decision = Result<readonly UndertakingEvent[], Refusal<UndertakingRefusal>>;
type Of<Do extends UndertakingCommand['do']> = Extract<UndertakingCommand, { do: Do }>;

/** What people undertake: publishing a text, signing it here, filing one signed on paper. */
export function decideUndertaking(
  state: UndertakingState,
  command: UndertakingCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'publish':
      return publish(state, command, context);
    case 'withdraw':
      return withdraw(state, command.document);
    case 'sign':
      return sign(state, command, context);
    case 'file':
      return file(state, command, context);
  }
}

function publish(
  { newest }: UndertakingState,
  command: Of<'publish'>,
  { actor, now, newId }: Context,
): Decision {
  const { document, titles, texts, signDays } = command;
  const digest = digestOfText(titles, texts);
  if (newest && newest.digest === digest && !newest.withdrawnAt) return refuse('nothingToPublish');
  const number = (newest?.number ?? 0) + 1;
  // After a withdrawal nothing that was signed before is still asked for: it begins anew.
  const binding = number === 1 || command.asksAgain || newest?.withdrawnAt != null;
  const kind = newest?.kind ?? command.kind;
  const id = newId();
  return ok([
    {
      type: 'UndertakingPublished',
      subject: `undertaking/${document}`,
      body: { version: id, kind, number, digest, asksAgain: binding, signDays },
      version: {
        id,
        document,
        kind,
        number,
        titles,
        texts,
        digest,
        binding,
        signDays,
        publishedAt: now,
        publishedBy: personOf(actor),
      },
    },
  ]);
}

function withdraw({ newest }: UndertakingState, document: string): Decision {
  if (!newest || newest.withdrawnAt) return refuse('undertakingUnknown');
  return ok([
    {
      type: 'UndertakingWithdrawn',
      subject: `undertaking/${document}`,
      body: { number: newest.number },
      document,
    },
  ]);
}

function sign(
  { version, newest, signer, signed }: UndertakingState,
  command: Of<'sign'>,
  { actor, now, newId }: Context,
): Decision {
  if (!version || version.withdrawnAt) return refuse('undertakingUnknown');
  if (!signer) return refuse('undertakingNeedsPerson');
  if (actor.kind !== 'person' || !actor.secondFactor)
    return refuseByGuard('PEO-4', 'signatureNeedsSecondFactor');
  if (newest?.id !== version.id || version.digest !== command.digest)
    return refuse('undertakingSuperseded');
  const guidance = version.kind === 'guidance';
  if (!guidance && !isSameName(command.name ?? '', signer.name)) return refuse('nameDiffers');
  if (signed) return ok([]);
  const { document, number, digest } = version;
  const { language } = command;
  const id = newId();
  const about = {
    subject: `person/${signer.id}`,
    body: { undertaking: id, document, number, digest, language, secondFactor: true },
    about: signer.id,
    signed: {
      id,
      personId: signer.id,
      versionId: version.id,
      document,
      number,
      digest,
      how: 'signed' as const,
      signedAt: now,
      filedAt: now,
      language,
      file: null,
      witnessId: null,
    },
  };
  return guidance
    ? ok([{ type: 'GuidanceAcknowledged', ...about }])
    : ok([{ type: 'UndertakingSigned', private: { name: command.name ?? '' }, ...about }]);
}

/** Why a paper cannot go on file; null where it can. */
function unfit(
  { version, signer, witness, signed }: UndertakingState,
  command: Of<'file'>,
  { now, zone }: Context,
): UndertakingRefusal | null {
  if (!version || version.withdrawnAt || version.kind !== 'undertaking')
    return 'undertakingUnknown';
  if (!signer) return 'signerUnknown';
  if (!witness) return 'witnessUnknown';
  if (witness.id === signer.id) return 'witnessIsSigner';
  if (command.signedOn > dateIn(now, zone).toString()) return 'signedInFuture';
  return signed ? 'alreadySigned' : null;
}

function file(state: UndertakingState, command: Of<'file'>, context: Context): Decision {
  const refusal = unfit(state, command, context);
  if (refusal) return refuse(refusal);
  const { version, signer, witness } = state;
  const paper = paperOf(command.paper);
  if (!paper) return refuse('paperIsNoPdf');
  if (paper.bytes.length > paperLimitBytes) return refuse('paperTooLarge');
  if (!version || !signer || !witness) return refuse('undertakingUnknown');
  const id = context.newId();
  const { document, number, digest } = version;
  const { signedOn, language } = command;
  return ok([
    {
      type: 'UndertakingFiled',
      subject: `person/${signer.id}`,
      // Erasable, not `…Blob`: who signed stands in the paper, so it never leaves with an export.
      body: {
        undertaking: id,
        document,
        number,
        digest,
        signedOn,
        witness: witness.id,
        paper: paper.digest,
      },
      about: signer.id,
      erasable: { paper: paper.bytes },
      signed: {
        id,
        personId: signer.id,
        versionId: version.id,
        document,
        number,
        digest,
        how: 'uploaded',
        signedAt: startOfDay(Temporal.PlainDate.from(signedOn), context.zone),
        filedAt: context.now,
        language,
        file: paper.digest,
        witnessId: witness.id,
      },
    },
  ]);
}
