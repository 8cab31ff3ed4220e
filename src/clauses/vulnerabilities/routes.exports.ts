import { z } from 'zod';
import { cycloneDxVex } from '../../advisories/exports/cyclonedx.ts';
import type { ExportedItem, ExportHead } from '../../advisories/exports/exported.ts';
import { isStated, openVex } from '../../advisories/exports/openvex.ts';
import { sarif } from '../../advisories/exports/sarif.ts';
import { personOf } from '../../kernel/actor.ts';
import { instantText } from '../../kernel/instant.ts';
import { refuse } from '../../kernel/result.ts';
import { type Request, route, type Streamed } from '../../policy/route.ts';
import { answerList, flag } from '../../registers/list.ts';
import { exportedItems } from './store.exported.ts';
import { itemConditions, itemFilters, itemList, itemSorts } from './store.listed.ts';

type Writer = (head: ExportHead, items: AsyncIterable<ExportedItem>) => AsyncIterable<string>;

const writers: Readonly<Record<string, { write: Writer; mediaType: string; ending: string }>> = {
  cyclonedx: {
    write: cycloneDxVex,
    mediaType: 'application/vnd.cyclonedx+json; version=1.6',
    ending: 'cdx.json',
  },
  openvex: { write: openVex, mediaType: 'application/json', ending: 'openvex.json' },
  sarif: { write: sarif, mediaType: 'application/sarif+json', ending: 'sarif' },
};

const exportInput = z.object({
  format: z.enum(['csv', 'cyclonedx', 'openvex', 'sarif']),
  sort: z.enum(Object.keys(itemSorts).flatMap((name) => [name, `-${name}`]) as [string]).optional(),
  q: z.string().trim().max(200).optional(),
  bom: flag.default(false).meta({ description: 'Of CSV: a byte order mark, for spreadsheets.' }),
  ...itemFilters,
});

export const exportRoutes = {
  exportBacklog: route({
    method: 'get',
    path: '/backlog-export',
    summary:
      'The backlog for other tools, filtered as its list is: CSV, CycloneDX 1.6 with VEX, OpenVEX 0.2 or SARIF 2.1.0.',
    permission: 'readBacklog',
    input: exportInput,
    output: z.string(),
    handle: exportItems,
  }),
};

async function exportItems(
  { db, now, actor, url, organisation }: Request,
  { format, bom, ...query }: z.output<typeof exportInput>,
) {
  const me = actor && personOf(actor);
  const conditions = itemConditions(query, { now, me });
  const writer = writers[format];
  if (!writer) {
    const all = { ...query, limit: 1, offset: 0, format: 'csv', bom } as const;
    return (await answerList(db, itemList(now), all, conditions)) as Streamed;
  }
  const read = () => exportedItems(db, now, query, conditions);
  // OpenVEX 0.2 asks for a statement at least: a document of none would say nothing, and be none.
  if (format === 'openvex' && !(await someOf(read(), isStated))) return refuse('nothingToState');
  // Until somebody has set up an organisation it is the installation that speaks.
  const head = { url, organisation: organisation ?? url, at: instantText(now) };
  return {
    stream: writer.write(head, read()),
    mediaType: writer.mediaType,
    filename: `backlog.${writer.ending}`,
  };
}

async function someOf(
  items: AsyncIterable<ExportedItem>,
  is: (item: ExportedItem) => boolean,
): Promise<boolean> {
  for await (const item of items) if (is(item)) return true;
  return false;
}
