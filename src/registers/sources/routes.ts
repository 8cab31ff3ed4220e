import { z } from 'zod';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { auditLimitBytes, auditLimitFiles, auditWays } from './facts.terms.ts';
import { newSource, sourceChanges, sourceId } from './facts.ts';
import { readInventories } from './inventories.ts';
import { listRoutes } from './routes.lists.ts';
import { readingRoutes } from './routes.reading.ts';
import { auditFlow, confirmingFlow } from './store.audits.ts';
import { sourceFlow, sourceIdOf } from './store.ts';

const changedOutput = z.object({ id: z.string() });
/** An id or a key: pipelines know a source by its key. */
const idOrKey = z.string().min(1).max(64);

const auditInput = z.object({
  id: idOrKey,
  files: z
    .array(z.object({ name: z.string().min(1).max(1000), text: z.string() }))
    .min(1)
    .max(auditLimitFiles)
    .meta({ description: 'Lockfiles by their names, or bills of materials of any name.' }),
  complete: z.boolean().default(true).meta({
    description:
      'Whether the files are all of it: of what was read only in part nothing is proven gone.',
  }),
  goneBecause: z.string().trim().min(1).max(2000).optional().meta({
    description:
      'Why most of what was known is gone, where it is: then somebody else has to confirm it.',
  }),
  way: z.enum(auditWays).extract(['upload', 'interface', 'command']).default('interface'),
});

const auditOutput = z.object({
  auditId: z.string(),
  sourceId: z.string(),
  complete: z.boolean(),
  components: z.int(),
  added: z.int(),
  gone: z.int(),
  /** Components that count as gone once somebody else has confirmed it; null where it is not in doubt. */
  doubted: z.int().nullable(),
  formats: z.array(z.string()),
  notes: z.array(z.string()),
});

export const routes = {
  ...listRoutes,
  ...readingRoutes,

  registerSource: route({
    method: 'post',
    path: '/sources',
    summary: 'Registers a source: what is audited for vulnerabilities, how often, and whose it is.',
    permission: 'registerSource',
    input: newSource,
    output: changedOutput,
    handle: async ({ execute }, source) => {
      const done = await execute(sourceFlow, { do: 'registerSource', source });
      return done.ok ? ok({ id: String(done.value[0]?.body['sourceId']) }) : done;
    },
  }),

  changeSource: route({
    method: 'patch',
    path: '/sources/{id}',
    summary: 'Changes a source.',
    permission: 'changeSource',
    input: z.object({ id: sourceId, version: z.int() }).extend(sourceChanges.shape),
    output: changedOutput,
    handle: async ({ execute }, { id, version, ...changes }) => {
      const done = await execute(sourceFlow, { do: 'changeSource', id, version, changes });
      return done.ok ? ok({ id }) : done;
    },
  }),

  retireSource: route({
    method: 'post',
    path: '/sources/{id}/retire',
    summary:
      'Retires a source: it is audited no more, and what only it showed is looked for no more.',
    permission: 'retireSource',
    input: z.object({ id: sourceId }),
    output: changedOutput,
    handle: async ({ execute }, { id }) => {
      const done = await execute(sourceFlow, { do: 'retireSource', id });
      return done.ok ? ok({ id }) : done;
    },
  }),

  restoreSource: route({
    method: 'post',
    path: '/sources/{id}/restore',
    summary:
      'Takes a retired source back; what is known of it counts again, and so does its due date.',
    permission: 'restoreSource',
    input: z.object({ id: sourceId }),
    output: changedOutput,
    handle: async ({ execute }, { id }) => {
      const done = await execute(sourceFlow, { do: 'restoreSource', id });
      return done.ok ? ok({ id }) : done;
    },
  }),

  recordAudit: route({
    method: 'post',
    path: '/sources/{id}/audits',
    summary:
      'Records an audit of a source from its lockfiles and bills of materials, whole or not at all.',
    permission: 'recordAudit',
    limitBytes: auditLimitBytes,
    input: auditInput,
    output: auditOutput,
    handle: recordInventories,
  }),

  confirmAudit: route({
    method: 'post',
    path: '/sources/{id}/audits/{auditId}/confirm',
    summary: 'Confirms an audit after which most is gone; somebody else than gave it, signed in.',
    permission: 'confirmAudit',
    input: z.object({ id: idOrKey, auditId: z.uuid() }),
    output: z.object({ id: z.string(), gone: z.int() }),
    handle: async ({ db, execute }, { id, auditId }) => {
      const sourceId = await sourceIdOf(db, id);
      if (sourceId === null) return refuse('notFound');
      const done = await execute(confirmingFlow, { sourceId, auditId });
      if (!done.ok) return done;
      return ok({ id: auditId, gone: done.value[0]?.body.gone ?? 0 });
    },
  }),
};

async function recordInventories({ db, execute }: Request, input: z.output<typeof auditInput>) {
  const sourceId = await sourceIdOf(db, input.id);
  if (sourceId === null) return refuse('notFound');
  const read = await readInventories(input.files);
  if (!read.ok) return read;
  const { components, formats, notes } = read.value;
  const done = await execute(auditFlow, {
    sourceId,
    way: input.way,
    complete: input.complete,
    components: [...components],
    formats: [...formats],
    notes: [...notes],
    ...(input.goneBecause === undefined ? {} : { goneBecause: input.goneBecause }),
  });
  if (!done.ok) return done;
  const [event] = done.value;
  if (!event) return refuse('notFound');
  const { digest: _, doubted = null, ...counted } = event.body;
  return ok({ ...counted, doubted, formats: [...formats], notes: [...notes] });
}
