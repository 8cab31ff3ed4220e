import { join } from 'node:path';
import type { Hono } from 'hono';
import type { Instant } from '../kernel/instant.ts';
import { type Authorizer, createAuthorizer } from '../platform/authorization/authorizer.ts';
import { readPermissions } from '../platform/authorization/permissions.ts';
import { openCustody } from '../platform/custody.ts';
import { executeAs } from '../platform/execute.ts';
import type { Env } from '../platform/http/mount.ts';
import { outgoing } from '../platform/http/outgoing.ts';
import { createGate, type Gate, security } from '../platform/http/security.ts';
import { createIdentity } from '../platform/identity/identity.ts';
import { keysFromFile } from '../platform/keys.ts';
import { mailer } from '../platform/mail/deliver.ts';
import { type MailQueue, noMail, openMailQueue } from '../platform/mail/queue.ts';
import { systemRandom } from '../platform/random.ts';
import { type Dictionary, readDictionary } from '../platform/words.ts';
import { createWorld, type World } from '../platform/world.ts';
import { type RunningAdvisories, startAdvisories } from './advisories/start.ts';
import { createApp } from './app.ts';
import { beginRooms } from './begin.ts';
import { rooms, sources } from './composition.ts';
import { hookHandler } from './connections/hooks.ts';
import { outsideOf, type RunningConnections, startConnections } from './connections/start.ts';
import { consoleFiles } from './console.ts';
import { demoHandler } from './demo/personas.ts';
import { evidenceFor } from './evidence/evidence.ts';
import { type ExportWorker, startExports } from './exports/worker.ts';
import { saidFigures } from './figures.ts';
import { type Heart, startHeart } from './heart.ts';
import { apiRoutes } from './operations.ts';
import { portalPages } from './portal/portal.ts';
import type { Compose, Composition, Premises } from './premises.ts';
import { publicPages } from './public/public.ts';
import { type RoleSearches, startRoleSearches } from './roles/searches.ts';
import { bearersOf } from './scim/bearer.ts';
import { scimHandler } from './scim/handler.ts';
import { setupHandler } from './setup/handler.ts';
import { peopleFor } from './sign-in/people.ts';
import { type RunningSources, sourcesOutsideOf, startSources } from './sources/start.ts';
import { tick } from './tick.ts';
import { productBearersOf } from './vault/bearer.ts';
import { vaultHandler } from './vault/handler.ts';
import { type RunningVault, startVault } from './vault/keeping.ts';
import { swiftRecords } from './vault/swift.socket.ts';

/** Between two beats of the tick while nobody hurries it. */
const beatMs = 2_000;

const consoleFolder = join(sources, '..', 'dist', 'web');

let authorizing: Promise<Authorizer> | undefined;

/** What everybody may, by the rooms' own permissions. Made once: whoever waits for a database may ask ahead. */
export function authorizerOfRooms(): Promise<Authorizer> {
  authorizing ??= readPermissions(sources).then(createAuthorizer);
  return authorizing;
}

/** Kept, put together: the one place where everything meets. */
export const compose: Compose = (premises) => composeAt(premises, () => Temporal.Now.instant());

/** As `compose`, by another clock: proofs live through months in minutes. */
export async function composeAt(premises: Premises, now: () => Instant): Promise<Composition> {
  const words = await readDictionary(sources);
  const mail = premises.settings.smtpUrl ? await openMailQueue(premises.database) : null;
  const random = systemRandom();
  const world = createWorld({
    ...(await openCustody(premises.settings.custody, random)),
    database: premises.database,
    keys: await keysFromFile(premises.settings.keyFile),
    authorizer: await authorizerOfRooms(),
    effects: mail ?? noMail,
    url: premises.url,
    demo: premises.demo,
    now,
    random,
  });
  const { app, swift } = await composeFace(world, words, premises);
  let heart: Heart | null = null;
  let connections: RunningConnections | null = null;
  let roleSearches: RoleSearches | null = null;
  let vault: RunningVault | null = null;
  let exports: ExportWorker | null = null;
  let advisories: RunningAdvisories | null = null;
  let audited: RunningSources | null = null;
  return {
    world,
    answer: (request, bindings) => app.fetch(request, bindings as object),
    swift,
    begin: async () => {
      await beginRooms(world, rooms, sources);
      if (mail) await beginMail(mail, world, words, premises);
      heart = startHeart(() => tick(world, rooms), beatMs);
      world.onPoke(() => heart?.hurry());
      connections = startConnections(world, outsideOf(premises.settings.internalHosts));
      roleSearches = startRoleSearches(world);
      vault = startVault(world);
      exports = startExports(world);
      advisories = startAdvisories(world, premises.settings.internalHosts);
      // What a demo shows is made up: nobody is asked for it.
      if (!premises.demo)
        audited = startSources(world, sourcesOutsideOf(premises.settings.internalHosts));
    },
    end: async () => {
      await bearersOf(world).settle();
      await productBearersOf(world).settle();
      await audited?.stop();
      await advisories?.stop();
      await exports?.stop();
      await vault?.stop();
      await roleSearches?.stop();
      await connections?.stop();
      await heart?.stop();
      await mail?.end();
    },
  };
}

type Face = Pick<Premises, 'local' | 'setup'> & { readonly settings?: Premises['settings'] };

/** The HTTP face of a world, with everything that is mounted beside the operations of the API. */
export async function composeApp(world: World, words: Dictionary, premises: Face) {
  return (await composeFace(world, words, premises)).app;
}

/** As `composeApp`, with what a listener asks first; both count at one gate. */
export async function composeFace(world: World, words: Dictionary, premises: Face) {
  const gate = createGate({ world });
  const app = await appBehind(gate, world, words, premises);
  return { app, swift: swiftRecords(world, gate, premises.settings?.trustedProxies ?? []) };
}

async function appBehind(gate: Gate, world: World, words: Dictionary, premises: Face) {
  const trustedProxies = premises.settings?.trustedProxies ?? [];
  const identity = createIdentity(world, {
    words,
    trustedProxies,
    local: premises.local,
    ask: outgoing({ internalHosts: premises.settings?.internalHosts ?? [] }),
    people: peopleFor(world),
  });
  const pages = await publicPages({
    db: world.database.db,
    now: () => world.now(),
    zone: async () => (await world.organisation())?.zone ?? 'UTC',
    url: world.url,
    execute: executeAs(world, { kind: 'system', id: 'public' }),
    figures: (place) => saidFigures(rooms, world.database.db, place),
    evidence: (place, id) =>
      evidenceFor(rooms, world.database.db, id, { ...place, seesItems: false }),
    onChange: (listener) => world.onPoke(listener),
  });
  const portal = await portalPages(world, words, trustedProxies);
  return createApp({
    world,
    words,
    routes: apiRoutes(world, identity.routes, outsideOf(premises.settings?.internalHosts ?? [])),
    protect: (app) => {
      for (const guard of security({ world, words, trustedProxies, gate })) app.use(guard);
    },
    withActor: identity.withActor,
    before: [
      (app) => app.route('/api/auth', identity.handler),
      (app) => app.route('/api/v1/invitations', identity.invitations),
      (app) =>
        app.route(
          '/api/v1/setup',
          setupHandler({ world, words, gate: premises.setup, trustedProxies }),
        ),
      (app) => app.route('/api/v1/demo', demoHandler(world, words)),
      (app) => app.route('/vault/v1', vaultHandler(world, words)),
      (app) => app.route('/hooks/github', hookHandler(world)),
      (app) =>
        app.route(
          '/scim/v2',
          scimHandler(world, () => rooms),
        ),
    ],
    after: [
      consoleFiles(consoleFolder),
      (app) => app.route('/portal', portal as unknown as Hono<Env>),
      (app) => app.route('/', pages as unknown as Hono<Env>),
    ],
    checkAnswers: world.demo,
  });
}

async function beginMail(
  mail: MailQueue,
  world: World,
  words: Dictionary,
  { settings }: Premises,
): Promise<void> {
  const { smtpUrl, mailFrom } = settings;
  if (!smtpUrl) return;
  const organisation = await world.organisation();
  const from = mailFrom ?? `Kept <kept@${organisation?.domain ?? 'localhost'}>`;
  await mail.begin(mailer(world, words, { smtpUrl, from }));
}
