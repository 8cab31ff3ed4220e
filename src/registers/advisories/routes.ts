import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { ecosystemName, feedChanges, importKinds, importProblems } from './facts.ts';
import { listRoutes } from './routes.lists.ts';
import { scanRoutes } from './routes.scan.ts';
import { feedsStanding } from './store.feeds.ts';
import { importFlow } from './store.ts';

const kind = z.enum(importKinds);

const feedOutput = z.object({
  kind,
  on: z.boolean(),
  address: z.string(),
  ecosystems: z.array(ecosystemName),
  everyHours: z.int(),
  staleAfterHours: z.int(),
  version: z.int(),
  nextAt: z.string().nullable(),
  importedAt: z.string().nullable(),
  importId: z.string().nullable(),
  problem: z.enum(importProblems).nullable(),
});

export const feedRoutes = {
  listAdvisoryFeeds: route({
    method: 'get',
    path: '/advisory-feeds',
    summary:
      'Where advisories, known exploitation and predictions are fetched from, and how often.',
    permission: 'readVulnerabilities',
    input: z.object({}),
    output: z.object({ items: z.array(feedOutput) }),
    handle: async ({ db }) => {
      const feeds = await feedsStanding(db);
      return ok({
        items: feeds.map((feed) => ({
          ...feed,
          ecosystems: [...feed.ecosystems],
          nextAt: feed.nextAt && instantText(feed.nextAt),
          importedAt: feed.importedAt && instantText(feed.importedAt),
          problem: importProblems.find((each) => each === feed.problem) ?? null,
        })),
      });
    },
  }),

  changeAdvisoryFeed: route({
    method: 'patch',
    path: '/advisory-feeds/{kind}',
    summary:
      'Turns a feed on or off, or changes where and how often; `version` is the one that was read.',
    permission: 'changeFeed',
    input: z.object({ kind, version: z.int(), changes: feedChanges }),
    output: z.object({ kind }),
    handle: async ({ execute }, input) => {
      const done = await execute(importFlow, { do: 'changeFeed', ...input });
      return done.ok ? ok({ kind: input.kind }) : done;
    },
  }),

  updateAdvisories: route({
    method: 'post',
    path: '/advisory-feeds/{kind}/update',
    summary: 'Fetches a feed now, whether it is on or not; the answer names the import to follow.',
    permission: 'updateAdvisories',
    input: z.object({ kind }),
    output: z.object({ importId: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(importFlow, { do: 'updateAdvisories', kind: input.kind });
      return done.ok ? ok({ importId: String(done.value[0]?.body['importId'] ?? '') }) : done;
    },
  }),
};

export const routes = { ...listRoutes, ...feedRoutes, ...scanRoutes };
