import { roles } from '../kernel/actor.ts';
import { createAuthorizer } from '../platform/authorization/authorizer.ts';
import { readPermissions } from '../platform/authorization/permissions.ts';
import { openApiOf } from '../platform/http/openapi.ts';
import { operationsOf } from '../platform/http/operations.ts';
import { identityRoutes } from '../platform/identity/routes.ts';
import { keysOf } from '../platform/keys.ts';
import { memoryKeystore } from '../platform/keystore/memory.ts';
import { noMail } from '../platform/mail/queue.ts';
import { memoryObjects } from '../platform/objects/memory.ts';
import { openDatabase } from '../platform/postgres/database.ts';
import { createWorld } from '../platform/world.ts';
import type { Routes } from '../policy/route.ts';
import { version } from './app.ts';
import { sources } from './composition.ts';
import { apiRoutes } from './operations.ts';

/**
 * The files that follow from routes and permissions, by path in the project. Reviewed as policy:
 * a test fails while they differ, `npm run generate` writes them.
 */
export async function golden(): Promise<Readonly<Record<string, string>>> {
  const authorizer = createAuthorizer(await readPermissions(sources));
  // Routes are made for a world; this one is never asked anything, so its database is never reached.
  const world = createWorld({
    database: openDatabase('postgres://nowhere.invalid/none'),
    keys: keysOf(new Uint8Array(32)),
    authorizer,
    effects: noMail,
    objects: memoryObjects(() => Temporal.Instant.fromEpochMilliseconds(0)),
    keystore: memoryKeystore((bytes) => new Uint8Array(bytes)),
    url: 'http://localhost:4747',
    demo: true,
    now: () => Temporal.Instant.fromEpochMilliseconds(0),
    random: (bytes) => new Uint8Array(bytes),
  });
  const routes = apiRoutes(world, identityRoutes({ actions: authorizer.actions, demo: true }));
  return {
    'src/web/operations.json': json(operationsOf(routes)),
    'docs/reference/openapi.json': json(openApiOf(routes, version)),
    'docs/reference/routes.md': routeTable(routes),
    'docs/reference/roles.md': roleMatrix(authorizer.actions, (role, action) =>
      authorizer.roleMay(role, action),
    ),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function routeTable(routes: Routes): string {
  const lines = Object.entries(routes)
    .sort(([, a], [, b]) =>
      a.path === b.path ? a.method.localeCompare(b.method) : a.path < b.path ? -1 : 1,
    )
    .map(
      ([name, route]) =>
        `| ${route.method.toUpperCase()} | \`/api/v1${route.path}\` | ${name} | ${route.permission} | ${route.summary} |`,
    );
  return `# Routes\n\nGenerated from the code by \`npm run generate\`.\n\n| method | path | operation | permission | what it does |\n|---|---|---|---|---|\n${lines.join('\n')}\n`;
}

function roleMatrix(
  actions: readonly string[],
  may: (role: (typeof roles)[number], action: string) => boolean,
): string {
  const head = `| action | ${roles.join(' | ')} |\n|---|${roles.map(() => ':-:').join('|')}|`;
  const lines = actions.map(
    (action) =>
      `| ${action} | ${roles.map((role) => (may(role, action) ? '✓' : '')).join(' | ')} |`,
  );
  return `# Roles and actions\n\nGenerated from every \`permissions.cedar\` by \`npm run generate\`: what a role may do to a thing that names nobody. What depends on the thing (its owner, its author) is in the rules themselves.\n\n${head}\n${lines.join('\n')}\n`;
}
