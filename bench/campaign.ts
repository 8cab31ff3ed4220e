import { openCampaign } from '../src/clauses/access/flows.ts';
import { execute } from '../src/platform/execute.ts';
import { approve, hirePeople, observe } from './access.ts';
import type { Figure } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { large, populate } from './population.ts';
import { elapsedMs, takingTurns } from './rounds.ts';

const rounds = 5;

/**
 * Opening a review over everything a large system holds: snapshot, reviewers, digest, items, tasks,
 * ledger. Against nothing but the insertion of the same items from the table they are in.
 */
export const campaign: Figure = {
  name: 'campaign',
  async measure(ground) {
    const world = await ground.world('campaign');
    const { pool } = world.database;
    await hirePeople(world, large.accounts);
    await observe(world, populate(large));
    await approve(world, 20);
    await pool.query(
      'create table raw_item (like review_item including all) with (fillfactor = 55)',
    );
    let opened = '';
    const round = await takingTurns(rounds, {
      ours: () =>
        elapsedMs(async () => {
          opened = await open(world);
        }),
      baseline: async () => {
        await pool.query('truncate raw_item');
        return elapsedMs(() =>
          pool.query('insert into raw_item select * from review_item where campaign_id = $1', [
            opened,
          ]),
        );
      },
    });
    return [
      {
        ...round,
        name: 'campaign',
        says: `opening a campaign of ${large.pairs.toLocaleString('en')} items, against insert … select of the same rows`,
        unit: 'ms',
        target: { of: 'ratio', atMost: 2.5 },
      },
    ];
  },
};

async function open(world: BenchWorld): Promise<string> {
  const done = await execute(
    world,
    openCampaign,
    {
      name: 'Review',
      systems: 'all',
      dueAt: world
        .now()
        .add({ hours: 24 * 21 })
        .toString(),
      revokeWithinHours: 168,
      reviewerRule: 'systemOwner',
      fallback: null,
    },
    world.officer,
  );
  if (!done.ok) throw new Error(`the campaign did not open: ${done.refusal.code}`);
  const [event] = done.value;
  if (event?.body.items !== large.pairs)
    throw new Error(`the campaign has ${event?.body.items} items`);
  return event.subject.split('/')[1] ?? '';
}
