import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { executeAs } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import type { Request } from '../../policy/route.ts';
import { groupOf } from './list.ts';
import { routes } from './routes.ts';
import { completeTasks, openTasks } from './store.ts';

const world = await testWorld();
const { db } = world.database;
const [me, other] = [world.newId(), world.newId()];
await sql`insert into person (id, name) values (${me}, 'Me'), (${other}, 'Other')`.execute(db);

function request(...roles: Parameters<typeof actorWith>[1][]): Request {
  const actor = actorWith(me, ...roles);
  return {
    db,
    execute: executeAs(world, actor),
    actor,
    now: world.now(),
    zone: 'Asia/Tokyo',
    language: 'en',
    may: (action) => world.authorizer.allows(actor, { action }),
    url: world.url,
  };
}

const task = (assigneeId: string | null, hours: number, role?: string) => ({
  id: world.newId(),
  kind: 'access.review',
  promise: 'ACC-5',
  subject: 'campaign/1',
  assigneeId,
  ...(role ? { role } : {}),
  openedAt: world.now(),
  dueAt: world.now().add({ hours }),
  detail: { items: 12 },
  path: '/console/reviews/1',
});

describe('tasks', () => {
  test('due dates are grouped by the days of the organisation', () => {
    const now = Temporal.Instant.from('2026-01-05T00:00:00Z'); // nine in the morning in Tokyo
    const group = (at: string) => groupOf(Temporal.Instant.from(at), now, 'Asia/Tokyo');
    expect(group('2026-01-05T00:00:00Z')).toBe('overdue');
    expect(group('2026-01-05T15:00:00Z')).toBe('today');
    expect(group('2026-01-05T15:00:01Z')).toBe('week');
    expect(group('2026-01-11T15:00:00Z')).toBe('week');
    expect(group('2026-01-11T15:00:01Z')).toBe('later');
  });

  test('Today shows one’s own and what anyone of one’s role may do, soonest first', async () => {
    await db
      .transaction()
      .execute((tx) =>
        openTasks(tx, [
          task(me, 200),
          task(other, 1),
          task(null, 30, 'security-officer'),
          task(null, 2, 'people'),
        ]),
      );
    const today = await routes.listToday.handle(request('employee', 'security-officer'), {});
    expect(today).toMatchObject({
      ok: true,
      value: {
        total: 2,
        items: [
          {
            role: 'security-officer',
            group: 'week',
            detail: { items: 12 },
            path: '/console/reviews/1',
          },
          { assignee: 'Me', group: 'later' },
        ],
      },
    });
  });

  test('everyone’s tasks are for those who answer for them; done ones are kept', async () => {
    const total = async (query: object, ...roles: Parameters<typeof actorWith>[1][]) => {
      const answer = await routes.listTasks.handle(
        request(...roles),
        routes.listTasks.input.parse(query),
      );
      return 'stream' in answer || !answer.ok ? -1 : answer.value.total;
    };
    expect(await total({ whose: 'all' }, 'employee')).toBe(1);
    expect(await total({ whose: 'all' }, 'auditor')).toBe(4);
    const selection = { kind: 'access.review', subject: 'campaign/1', assigneeId: me };
    await db.transaction().execute((tx) => completeTasks(tx, selection, me, world.now()));
    expect(await total({ state: 'done' }, 'employee')).toBe(1);
    expect(await total({ state: 'open' }, 'employee')).toBe(0);
  });
});
