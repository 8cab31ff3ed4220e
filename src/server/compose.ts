import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createAuthorizer } from '../platform/authorization/authorizer.ts';
import { readPermissions } from '../platform/authorization/permissions.ts';
import type { Env } from '../platform/http/mount.ts';
import { security } from '../platform/http/security.ts';
import { createIdentity } from '../platform/identity/identity.ts';
import { keysFromFile } from '../platform/keys.ts';
import { mailer } from '../platform/mail/deliver.ts';
import { noMail, openMailQueue } from '../platform/mail/queue.ts';
import { readDictionary } from '../platform/words.ts';
import { createWorld } from '../platform/world.ts';
import { promiseStatuses } from '../registers/findings/store.ts';
import { createApp } from './app.ts';
import { rooms, sources } from './composition.ts';
import { consoleFiles } from './console.ts';
import { evidenceRoutes } from './evidence/routes.ts';
import { startHeart } from './heart.ts';
import { ledgerRoutes } from './ledger/routes.ts';
import type { Compose } from './premises.ts';
import { routesOf } from './rooms.ts';
import { tick } from './tick.ts';

/** What falls due is done so often; what a command appends, at once. */
const tickMs = 5_000;

/** Puts the installation together: the world, the HTTP face, the tick, the mail. */
export const compose: Compose = async ({ settings, url, demo, database, local }) => {
  const [keys, permissions, words] = await Promise.all([
    keysFromFile(settings.keyFile),
    readPermissions(sources),
    readDictionary(sources),
  ]);
  const { smtpUrl, mailFrom } = settings;
  const mail = smtpUrl && mailFrom ? { settings: { smtpUrl, from: mailFrom }, queue: await openMailQueue(database) } : null;
  const world = createWorld({
    database,
    keys,
    authorizer: createAuthorizer(permissions),
    effects: mail?.queue ?? noMail,
    url,
    demo,
    now: () => Temporal.Now.instant(),
    random: (bytes) => randomBytes(bytes),
  });
  const identity = createIdentity(world, { words, local });
  const promises = async (): Promise<unknown> => [...(await promiseStatuses(database.db)).values()];
  const app = createApp({
    world,
    words,
    routes: routesOf(rooms, [ledgerRoutes(world, promises), evidenceRoutes(world, rooms), identity.routes]),
    protect: (face) => {
      for (const guard of security({ world, words })) face.use(guard);
    },
    authenticate: (request) => identity.authenticate(request.headers),
    mounts: [(face) => face.route('/api/auth', identity.handler), consoleFiles(join(sources, '..', 'dist', 'web'))],
    checkAnswers: demo,
  });
  let stop: (() => Promise<void>) | null = null;
  return {
    world,
    answer: (request, bindings) => app.fetch(request, bindings as Env),
    async begin() {
      await mail?.queue.begin(mailer(world, words, mail.settings));
      const heart = startHeart(() => tick(world, rooms), tickMs);
      world.onPoke(heart.hurry);
      stop = heart.stop;
    },
    async end() {
      await stop?.();
      await mail?.queue.end();
    },
  };
};
