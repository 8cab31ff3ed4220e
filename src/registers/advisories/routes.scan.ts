import { z } from 'zod';
import { severities } from '../../advisories/severity.ts';
import { readBill } from '../../inventory/bills.ts';
import { type Inventory, InventoryFault } from '../../inventory/component.ts';
import { readerOf } from '../../inventory/readers.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { scanComponents, unjudgedComponents } from './store.scanning.ts';

const file = z.object({ name: z.string().min(1).max(1000), text: z.string() });

const match = z.object({
  component: z.object({
    ref: z.string(),
    ecosystem: z.string().nullable(),
    name: z.string(),
    version: z.string().nullable(),
    purl: z.string().nullable(),
    isDevelopment: z.boolean(),
  }),
  ids: z.array(z.string()),
  summary: z.string(),
  severity: z.enum(severities),
  score: z.number().nullable(),
  vector: z.string().nullable(),
  exploitedSince: z.string().nullable(),
  likelihood: z.number().nullable(),
  fixedIn: z.string().nullable(),
  path: z.array(z.string()),
});

export const scanRoutes = {
  scanInventory: route({
    method: 'post',
    path: '/scans',
    summary:
      'Matches lockfiles and bills of materials against the register of advisories; nothing is stored.',
    permission: 'scanInventory',
    limitBytes: 48 * 1024 * 1024,
    input: z.object({
      files: z.array(file).min(1).max(500).meta({
        description: 'Lockfiles by their names, or bills of materials of any name.',
      }),
    }),
    output: z.object({
      files: z.array(
        z.object({
          name: z.string(),
          format: z.string(),
          components: z.int(),
          notes: z.array(z.string()),
          matches: z.array(match),
        }),
      ),
      unjudged: z.array(z.object({ ecosystem: z.string(), components: z.int() })),
    }),
    handle: async ({ db }, { files }) => {
      const read: { name: string; inventory: Inventory }[] = [];
      for (const { name, text } of files) {
        try {
          read.push({ name, inventory: await inventoryOf(name, text) });
        } catch (error) {
          if (!(error instanceof InventoryFault)) throw error;
          return refuse('fileUnread', { file: name, why: error.message });
        }
      }
      const scanned = [];
      for (const { name, inventory } of read) {
        const { format, components, notes } = inventory;
        const matches = (await scanComponents(db, inventory)).map((one) => ({
          ...one,
          component: { ...one.component },
          ids: [...one.ids],
          path: [...one.path],
        }));
        scanned.push({ name, format, components: components.length, notes: [...notes], matches });
      }
      const inventories = read.map(({ inventory }) => inventory);
      return ok({ files: scanned, unjudged: [...(await unjudgedComponents(db, inventories))] });
    },
  }),
};

async function inventoryOf(name: string, text: string): Promise<Inventory> {
  const reader = readerOf(name.slice(name.lastIndexOf('/') + 1));
  return reader ? reader(text) : await readBill(text);
}
