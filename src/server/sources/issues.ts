import {
  type DueIssue,
  linkingIssue,
  putOffIssues,
  seeingIssue,
  takeFollowed,
  takeIssues,
} from '../../clauses/vulnerabilities/store.issues.ts';
import type { GithubLink } from '../../connectors/github/api.ts';
import { github } from '../../connectors/github/connector.ts';
import {
  createIssue,
  issuesWithMarkers,
  quiet,
  type SeenIssue,
  seeIssue,
} from '../../connectors/github/issues.ts';
import { execute } from '../../platform/execute.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import { type Connector, SourceProblem } from '../../registers/connections/facts.connector.ts';
import { actingConnections } from '../../registers/connections/store.acts.ts';
import { linkOf, type Outside } from '../connections/link.ts';
import { problemOf } from '../connections/problem.ts';
import { openSecret } from '../connections/secrets.ts';
import { linkFor } from './reading.ts';

const actor = { kind: 'system', id: 'sources' } as const;
const issuesAtOnce = 20;
const heldMinutes = 10;
const retryMinutes = [10, 60, 360, 1440] as const;
const followHours = 6;
const followedAtOnce = 50;

/**
 * Makes the issues that were asked for, with the credentials for acting, and looks again at those that
 * are there. An issue is looked for by its marker before it is made, so that a process that died in
 * between leaves no second one.
 */
export async function carryOutIssues(
  world: World,
  outside: Outside,
  stopped: AbortSignal,
): Promise<void> {
  for (;;) {
    if (stopped.aborted) return;
    const now = world.now();
    const until = now.add({ minutes: heldMinutes });
    const due = await takeIssues(world.database.db, now, until, issuesAtOnce);
    if (due.length === 0) break;
    await make(world, outside, due, stopped);
  }
  await follow(world, outside, stopped);
}

async function make(
  world: World,
  outside: Outside,
  due: readonly DueIssue[],
  stopped: AbortSignal,
): Promise<void> {
  const left = new Map(due.map((one) => [one.itemId, one]));
  const [{ connectionId, repository, attempts, openedAt }] = due as [DueIssue];
  try {
    const link = await actingLink(world, outside, connectionId, stopped);
    const oldest = due.reduce(
      (a, b) => (Temporal.Instant.compare(a, b.openedAt) < 0 ? a : b.openedAt),
      openedAt,
    );
    const there = await issuesWithMarkers(
      link,
      repository,
      oldest.toString({ smallestUnit: 'second' }),
    );
    for (const one of due) {
      const issue =
        there.get(one.itemId) ?? (await createIssue(link, repository, orderOf(one, world.url)));
      await linked(world, one.itemId, repository, issue);
      left.delete(one.itemId);
    }
  } catch (error) {
    const { code, detail, retryable } = problemOf(error);
    log.error('issues could not be made', { repository, code, detail });
    const minutes = retryable || stopped.aborted ? retryMinutes[attempts - 1] : undefined;
    const until = minutes === undefined ? null : world.now().add({ minutes });
    await putOffIssues(world.database.db, [...left.keys()], until, { code, detail });
  }
}

async function linked(
  world: World,
  itemId: string,
  repository: string,
  { number, url, state }: SeenIssue,
): Promise<void> {
  const answer = await execute(
    world,
    linkingIssue,
    { itemId, repository, number, url, state },
    actor,
  );
  // Another process told of it, or the item is no more.
  if (answer.ok || ['nothingToChange', 'notFound'].includes(answer.refusal.code)) return;
  throw new Error(`an issue could not be linked: ${answer.refusal.code}`);
}

function orderOf(one: DueIssue, url: string) {
  const label = `V-${one.number}`;
  const day = one.dueAt.toString().slice(0, 10);
  const fix =
    one.fixVersion === null
      ? 'No version that clears it is known yet.'
      : `Fixed in ${one.fixVersion}.`;
  return {
    itemId: one.itemId,
    title: quiet(`${label}: ${one.vulnerability} in ${one.component} (${one.system})`),
    body: [
      quiet(one.summary === '' ? one.vulnerability : one.summary),
      `Class ${one.class}, due by ${day}. ${fix}`,
      `[${label}](${url}/console/backlog/${one.itemId}). Closing this issue does not close ${label}: the next inventory without it does.`,
    ].join('\n\n'),
  };
}

/** A connection with its credentials for acting. @throws SourceProblem where nobody has let it act */
async function actingLink(
  world: World,
  outside: Outside,
  connectionId: string,
  signal: AbortSignal,
): Promise<GithubLink> {
  const all = await actingConnections(world.database.db);
  const connection = all.find(({ id, kind }) => id === connectionId && kind === 'github');
  if (!connection) throw new SourceProblem('forbidden', 'the connection may not act');
  const secret = openSecret(world.keys, connection.id, 'acting', connection.secret);
  const asked = { settings: connection.settings, secret, for: 'acts', signal } as const;
  return linkOf(world, outside, github as Connector, asked) as GithubLink;
}

async function follow(world: World, outside: Outside, stopped: AbortSignal): Promise<void> {
  const now = world.now();
  const before = now.subtract({ hours: followHours });
  const followed = await takeFollowed(world.database.db, before, now, followedAtOnce);
  for (const { connectionId, repository, number } of followed) {
    if (stopped.aborted) return;
    try {
      const link = await linkFor(world, outside, connectionId, stopped);
      const seen = await seeIssue(link, repository, number);
      const state = seen?.state ?? 'gone';
      await execute(world, seeingIssue, { repository, number, state }, actor);
    } catch (error) {
      // It is looked at again in its turn.
      log.error('an issue could not be seen', { repository, number, ...problemOf(error) });
    }
  }
}
