import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type { ExpiryWarned, GrantsExpired, RequestRefusal, SweepGrants } from './facts.requests.ts';
import type { Evidence } from './facts.ts';

/** Somebody whose grants end soon: how many, and the first day of them. */
export interface Warned {
  readonly personId: string;
  readonly grants: number;
  readonly endsOn: string;
}

export interface SweepState {
  /** Standing grants whose last day has passed. */
  readonly expired: number;
  /** Their ids, one a line. */
  readonly evidence: Evidence;
  /** Grants about to end whose holders have not been told, by who is to be told. */
  readonly warned: readonly Warned[];
}

/** Grants end with their day, without anybody's doing; holders are told in time. */
export function decideSweep(
  { expired, evidence, warned }: SweepState,
  _command: SweepGrants,
  { now, zone }: Context,
): Result<readonly (GrantsExpired | ExpiryWarned)[], Refusal<RequestRefusal>> {
  const day = dateIn(now, zone).toString();
  const subject = `grants/${day}`;
  const ended: GrantsExpired[] =
    expired === 0
      ? []
      : [
          {
            type: 'GrantsExpired',
            subject,
            body: { day, count: expired, grantsBlob: evidence.sha256 },
            blobs: { grantsBlob: evidence.bytes },
          },
        ];
  const told: ExpiryWarned[] =
    warned.length === 0
      ? []
      : [
          {
            type: 'ExpiryWarned',
            subject,
            body: {
              day,
              grants: warned.reduce((sum, { grants }) => sum + grants, 0),
              people: warned.length,
            },
          },
        ];
  return ok([...ended, ...told]);
}

export function mailsOfSweep(
  event: GrantsExpired | ExpiryWarned,
  { warned }: SweepState,
): readonly Effect[] {
  if (event.type !== 'ExpiryWarned') return [];
  return warned.map(({ personId, grants, endsOn }) => ({
    kind: 'mail',
    to: personId,
    template: 'access.grantsEnding',
    params: { count: grants, day: endsOn },
    path: '/console/my-access',
  }));
}
