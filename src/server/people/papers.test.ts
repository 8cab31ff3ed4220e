import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { undertakingFlow } from '../../clauses/people/flows.ts';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { personFlow } from '../../registers/people/store.ts';
import { erasure } from '../erasure.ts';
import { peopleRoutes } from './routes.ts';

const world = await testWorld();
const { db } = world.database;
const [signer, witness] = [world.newId(), world.newId()];
const team = actorWith(witness, 'people', 'employee');
await sql`
  insert into person (id, name, ends_on) values (${signer}, 'Sam Signer', '2026-01-04'), (${witness}, 'Pia', null)`.execute(
  db,
);
const content = Buffer.from('%PDF-1.7 signed on paper');

async function download(digest: string): Promise<Buffer | null> {
  const route = peopleRoutes(world)['downloadPaper'];
  const answer = await route?.handle({ db } as Request, { digest });
  if (!answer || !('stream' in answer)) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

test('a signed paper (PEO-4) is kept sealed, comes back as it was, and goes with its person', async () => {
  const published = await execute(
    world,
    undertakingFlow,
    {
      do: 'publish',
      document: 'confidentiality',
      kind: 'undertaking',
      titles: { en: 'C', ja: '機' },
      texts: { en: 'text', ja: '本文' },
      asksAgain: true,
      signDays: 14,
    },
    team,
  );
  const versionId = published.ok ? String(published.value[0]?.body['version']) : '';
  const filed = await execute(
    world,
    undertakingFlow,
    {
      do: 'file',
      personId: signer,
      versionId,
      language: 'en',
      signedOn: '2026-01-03',
      witnessId: witness,
      paper: content.toString('base64'),
    },
    team,
  );
  const digest = filed.ok ? String(filed.value[0]?.body['paper']) : '';
  const { rows } = await sql<{ sealed: Buffer }>`select sealed from blob`.execute(db);
  expect(rows[0]?.sealed.includes('signed on paper')).toBe(false);
  expect(await download(digest)).toEqual(content);
  expect(await download('ab'.repeat(32))).toBe(null);

  expect(await execute(world, personFlow, { do: 'erasePerson', id: signer }, team)).toMatchObject({
    ok: true,
  });
  const system = { kind: 'system', id: 'test' } as const;
  await erasure.reactions?.['PersonErased']?.(
    { db, execute: executeAs(world, system), context: await contextFor(world, system) },
    { entryIndex: 0, type: 'PersonErased', subject: `person/${signer}`, body: {} },
  );
  expect(await download(digest)).toBe(null);
});
