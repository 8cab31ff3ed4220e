import type { PersonId, SystemId } from '../../kernel/id.ts';
import type { Json } from '../../kernel/json.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import { type RowProblem, refuseRows } from '../imports/problem.ts';
import type { ImportedSystem, System, SystemEvent } from './facts.ts';

export interface SystemsPlan {
  readonly added: readonly System[];
  readonly changed: readonly System[];
  readonly unchanged: number;
  readonly problems: readonly RowProblem[];
}

/**
 * Decides an import as a whole. Systems are recognised by their key. A column that the file has not
 * got, or an empty cell, leaves things as they are.
 *
 * @param owners people by address in lower case
 * @param retired keys of systems that are no more; a key is never used again
 */
export function planSystems(
  rows: readonly ImportedSystem[],
  known: readonly System[],
  owners: ReadonlyMap<string, PersonId>,
  retired: ReadonlySet<string>,
  newId: () => SystemId,
): SystemsPlan {
  const problems: RowProblem[] = [];
  const before = new Map(known.map((system) => [system.key, system]));
  const lines = new Map<string, number>();
  const added: System[] = [];
  const changed: System[] = [];
  for (const { line, values } of rows) {
    const key = values.key ?? '';
    const earlier = lines.get(key);
    if (earlier !== undefined) {
      problems.push({
        line,
        column: 'key',
        code: 'duplicate',
        params: { field: 'key', line: earlier },
      });
    }
    lines.set(key, line);
    if (retired.has(key))
      problems.push({ line, column: 'key', code: 'retired', params: { value: key } });
    const ownerId = values.owner ? owners.get(values.owner.toLowerCase()) : undefined;
    if (values.owner && !ownerId) {
      problems.push({
        line,
        column: 'owner',
        code: 'unknownPerson',
        params: { value: values.owner },
      });
    }
    const old = before.get(key);
    const system = systemOf(values, ownerId, old ?? { ...blank, id: newId(), key });
    if (!old) added.push(system);
    else if (JSON.stringify(old) !== JSON.stringify(system)) changed.push(system);
  }
  return { added, changed, unchanged: rows.length - added.length - changed.length, problems };
}

const blank: Omit<System, 'id' | 'key'> = {
  name: '',
  classification: 'internal',
  ownerId: null,
  confidentiality: 2,
  integrity: 2,
  availability: 2,
  singleSignOn: null,
  secondFactor: null,
  staleAfterHours: 2400,
};

function systemOf(
  values: ImportedSystem['values'],
  ownerId: PersonId | undefined,
  old: System,
): System {
  return {
    id: old.id,
    key: old.key,
    name: values.name ?? old.name,
    classification: values.classification ?? old.classification,
    ownerId: ownerId ?? old.ownerId,
    confidentiality: values.confidentiality ?? old.confidentiality,
    integrity: values.integrity ?? old.integrity,
    availability: values.availability ?? old.availability,
    singleSignOn: values.singleSignOn ?? old.singleSignOn,
    secondFactor: values.secondFactor ?? old.secondFactor,
    staleAfterHours: values.staleAfterHours ?? old.staleAfterHours,
  };
}

/** The one event of an import; nothing of a system is anyone's personal data. */
export function systemsImported(plan: SystemsPlan, importId: string): SystemEvent {
  const systems = [...plan.added, ...plan.changed];
  const changes = Buffer.from(canonicalJson(systems as unknown as Json));
  return {
    type: 'SystemsImported',
    subject: `import/${importId}`,
    body: {
      added: plan.added.length,
      changed: plan.changed.length,
      unchanged: plan.unchanged,
      changesBlob: sha256Hex(changes),
    },
    blobs: { changesBlob: changes },
    systems,
  };
}

export { refuseRows };
