import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { findingsFlow } from '../../clauses/vulnerabilities/store.findings.ts';
import { seeingIssue } from '../../clauses/vulnerabilities/store.issues.ts';
import { type HookOutcome, isSigned, readHook } from '../../connectors/github/hooks.ts';
import { ReportFault } from '../../inventory/reports/report.ts';
import { isUuid } from '../../kernel/id.ts';
import { ok } from '../../kernel/result.ts';
import { executeAs } from '../../platform/execute.ts';
import type { Env } from '../../platform/http/mount.ts';
import type { World } from '../../platform/world.ts';
import { route } from '../../policy/route.ts';
import {
  type Delivery,
  hookFlow,
  hookSecretOf,
  knownDelivery,
  rememberDelivery,
} from '../../registers/connections/store.hooks.ts';
import { sourcesOfRepository, wantReading } from '../../registers/sources/store.reading.ts';
import { openSecret, sealSecret } from './secrets.ts';

const actor = { kind: 'system', id: 'hooks' } as const;
/** GitHub delivers nothing longer (docs.github.com, "Webhook events and payloads"). */
const limitBytes = 25 * 1024 * 1024;
const secretBytes = 32;

/** The operation that gives a connection's webhooks their secret. */
export function hookRoutes(world: World) {
  return {
    setUpHook: route({
      method: 'post',
      path: '/connections/{id}/hook',
      summary:
        'Gives the webhooks of a connection a new secret, shown this once; the one before holds no longer.',
      permission: 'setUpHook',
      input: z.object({ id: z.uuid() }),
      output: z.object({ url: z.string(), secret: z.string() }),
      handle: async ({ execute, url }, { id }) => {
        const secret = Buffer.from(world.random(secretBytes)).toString('hex');
        const sealed = sealSecret(world.keys, id, 'hook', secret);
        const done = await execute(hookFlow, { id, secret: sealed });
        return done.ok ? ok({ url: `${url}/hooks/github/${id}`, secret }) : done;
      },
    }),
  };
}

/**
 * Takes webhooks of GitHub: `POST /CONNECTION`, signed over the bytes as they came. A delivery that is
 * repeated is taken in once; a body that comes again under another number is refused, since that number
 * is not signed. Mount at `/hooks/github`.
 */
export function hookHandler(world: World): Hono<Env> {
  const app = new Hono<Env>();
  const tooLong = (c: Context<Env>) => answer(c, 413, `more than ${limitBytes} bytes`);
  const limit = bodyLimit({ maxSize: limitBytes, onError: tooLong });
  app.post('/:id', async (c) => {
    const connectionId = c.req.param('id');
    const sealed = isUuid(connectionId)
      ? await hookSecretOf(world.database.db, connectionId)
      : null;
    const signature = c.req.header('x-hub-signature-256');
    // What nobody has signed is not read: the limit itself reads a body whose length is not said.
    if (!sealed || signature === undefined) return unsigned(c);
    const signed = { connectionId, sealed, signature };
    let received: Response | undefined;
    const refused = await limit(c, async () => {
      received = await receive(world, c, signed);
    });
    return received ?? refused ?? unsigned(c);
  });
  return app;
}

/** Whether there is such a connection is told to nobody who cannot sign for it. */
function unsigned(c: Context<Env>): Response {
  return answer(c, 401, 'the signature is missing or is not good');
}

interface Signed {
  readonly connectionId: string;
  readonly sealed: Buffer;
  readonly signature: string;
}

async function receive(
  world: World,
  c: Context<Env>,
  { connectionId, sealed, signature }: Signed,
): Promise<Response> {
  const { db } = world.database;
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  const secret = String(openSecret(world.keys, connectionId, 'hook', sealed));
  if (!isSigned(secret, bytes, signature)) return unsigned(c);
  const event = c.req.header('x-github-event') ?? '';
  const number = c.req.header('x-github-delivery') ?? '';
  if (!/^[\w-]{1,100}$/.test(number) || !/^[a-z_]{1,60}$/.test(event))
    return answer(c, 400, 'a delivery has a number and an event');
  const digest = createHash('sha256').update(bytes).digest('hex');
  const delivery: Delivery = { connectionId, delivery: number, digest };
  const known = await knownDelivery(db, delivery);
  if (known === 'same') return answer(c, 200, 'it was taken in before');
  if (known === 'replayed') return answer(c, 409, 'this was delivered under another number');
  try {
    const outcome = readHook(event, JSON.parse(new TextDecoder().decode(bytes)));
    const taken = await takeIn(world, delivery, outcome);
    await rememberDelivery(db, delivery, world.now());
    return answer(c, 202, taken ? 'taken in' : 'nothing here is about that');
  } catch (error) {
    if (!(error instanceof ReportFault || error instanceof SyntaxError)) throw error;
    return answer(c, 422, error instanceof ReportFault ? error.message : 'the body is no JSON');
  }
}

/** @returns whether it is about anything that is registered */
async function takeIn(
  world: World,
  { connectionId, delivery }: Delivery,
  { repository, report, readAgain, issue }: HookOutcome,
): Promise<boolean> {
  if (repository === null) return false;
  const { db } = world.database;
  const execute = executeAs(world, actor, `hook/${connectionId}/${delivery}`);
  // A connection speaks for its own repositories, not for those that another one reads.
  const sources = await sourcesOfRepository(db, connectionId, repository);
  if (issue && sources.length > 0) {
    const seen = await execute(seeingIssue, { repository, ...issue });
    if (seen.ok) return true;
  }
  for (const sourceId of sources) {
    if (report) {
      const { reporter, findings } = report;
      await execute(findingsFlow, { sourceId, reporter, complete: false, findings: [...findings] });
    }
    if (readAgain) await wantReading(db, sourceId, world.now());
  }
  return sources.length > 0;
}

function answer(c: Context<Env>, status: 200 | 202 | 400 | 401 | 409 | 413 | 422, message: string) {
  return c.json({ message }, status, { 'cache-control': 'no-store' });
}
