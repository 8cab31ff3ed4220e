import { expect, test } from 'vitest';
import { access } from '../../clauses/access/clause.ts';
import { contextFor } from '../../platform/execute.ts';
import { appendEvents } from '../../platform/ledger/append.ts';
import { sequence } from '../../platform/ledger/sequencer.ts';
import { testWorld } from '../../platform/testing/world.ts';
import { guardEvidence } from './read.ts';

test('a guard shows what it kept out of acts over many, beside what it refused whole', async () => {
  const world = await testWorld();
  const { db } = world.database;
  const context = await contextFor(world, { kind: 'system', id: 'test' });
  const subject = `request/${world.newId()}`;
  const decided = {
    act: world.newId(),
    decision: 'approve',
    count: 3,
    ownExcluded: 2,
    undertakingExcluded: 4,
    conflictExcluded: 0,
  };
  const events = [
    { type: 'RequestsDecided', subject, body: decided },
    { type: 'ItemsDecided', subject, body: { ownExcluded: 7 } },
    { type: 'ItemsDelegated', subject, body: { ownExcluded: 1 } },
    {
      type: 'GuardRefused',
      subject: 'promise/ACC-4',
      body: { promise: 'ACC-4', code: 'ownRequest' },
    },
  ];
  await db.transaction().execute((tx) => appendEvents(world, tx, 'access', events, context));
  await sequence(world);
  const refusals: Record<string, number> = {};
  for (const upholder of access.upholders) {
    if (upholder.by !== 'guard') continue;
    refusals[upholder.guard.id] = (await guardEvidence(db, upholder.guard, 'en')).refusals;
  }
  expect(refusals).toMatchObject({
    nobodyReviewsTheirOwnAccess: 8,
    nobodyApprovesTheirOwnAccess: 3,
    noAccessWithoutUndertaking: 4,
    noConflictingDuties: 0,
  });
});
