import { Hono } from 'hono';
import { parseTilePath } from '../../ledger/tile.ts';
import { ledgerKeys } from '../../platform/ledger/keys.ts';
import { newestCheckpoint, readBundle, readTile } from '../../platform/ledger/reading.ts';
import type { World } from '../../platform/world.ts';
import { proofFile } from './routes.ts';

/**
 * The ledger as C2SP tlog-tiles under `/ledger`: what existing clients read. Public, because
 * entries hold no personal data: that is what the commitments are for.
 */
export function tileServer(world: World): Hono {
  const { db } = world.database;
  const app = new Hono();
  app.get('/checkpoint', async (c) => {
    const checkpoint = await newestCheckpoint(db);
    if (!checkpoint) return c.text('no checkpoint yet\n', 404);
    return c.text(checkpoint.note, 200, { 'cache-control': 'no-cache' });
  });
  app.get('/keys', async (c) => {
    const keys = await ledgerKeys(db);
    return c.text(keys.map(({ vkey }) => `${vkey}\n`).join(''), 200, {
      'cache-control': 'no-cache',
    });
  });
  app.get('/proof/:index{[0-9]{1,15}}', async (c) => {
    const index = c.req.param('index');
    const file = await proofFile(world, Number(index));
    if (file === null) return c.text('the signed tree has no such entry yet\n', 404);
    return c.body(file, 200, {
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="kept-entry-${index}-proof.json"`,
      'cache-control': 'no-cache',
    });
  });
  app.get('/tile/*', async (c) => {
    const tile = parseTilePath(c.req.path.slice(c.req.path.indexOf('tile/')));
    if (!tile.ok) return c.text(`${tile.reason}\n`, 404);
    const { level, index, width } = tile.value;
    const checkpoint = await newestCheckpoint(db);
    const bytes =
      level === 'entries'
        ? await readBundle(db, tile.value)
        : await readTile(db, { level, index, width });
    if (!bytes || !checkpoint) return c.text('the ledger has no such tile\n', 404);
    return new Response(Buffer.from(bytes), {
      headers: {
        'content-type': 'application/octet-stream',
        'cache-control': 'public, max-age=31536000, immutable',
      },
    });
  });
  return app;
}
