import { expect, test } from 'vitest';
import {
  advise,
  audit,
  company,
  itemOf,
  officer,
  requestOf,
  source,
} from '../../clauses/vulnerabilities/backlog.fixture.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { testWorld } from '../../platform/testing/world.ts';
import { entryPage } from '../../registers/evidence/facts.ledger.ts';
import { ledgerRoutes } from './routes.ts';

test('what one act did to many stands in the timeline of each, with what became of it', async () => {
  const world = await testWorld();
  await company(world);
  const web = await source(world, 'web');
  await advise(world, [
    { id: 'KEPT-SAMPLE-1', name: 'sample-a', fixed: '1.2.0' },
    { id: 'KEPT-SAMPLE-2', name: 'sample-b', fixed: '1.2.0' },
  ]);
  await audit(world, web, { 'sample-a': '1.0.0', 'sample-b': '1.0.0' });
  const a = await itemOf(world, 'KEPT-SAMPLE-1');
  const b = await itemOf(world, 'KEPT-SAMPLE-2');
  await audit(world, web, { 'sample-a': '1.2.0', 'sample-b': '1.0.0' });
  await sequence(world);
  const { listEntries } = ledgerRoutes(world, async () => []);
  const told = async (id: string) => {
    const input = listEntries?.input.parse({ subject: `backlog/${id}` });
    const answer = await listEntries?.handle(requestOf(world, officer), input);
    const page = entryPage.parse((answer as { value: unknown }).value);
    expect(page.total).toBe(page.items.length);
    return page.items.map(({ type, what }) => `${type} ${what}`);
  };
  expect(await told(a)).toEqual(['BacklogMatched fixed', 'BacklogMatched opened']);
  expect(await told(b)).toEqual(['BacklogMatched opened']);
});
