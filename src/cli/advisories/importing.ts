import { osvAdvisory } from '../../advisories/osv.ts';
import { readFiles } from './archives.ts';
import type { AdvisoryStore } from './store.ts';
import { writeWhole } from './writing.ts';

/** How an import went. */
export interface Imported {
  readonly read: number;
  readonly written: number;
  /** At least as new in the store already. */
  readonly unchanged: number;
  readonly withdrawn: number;
  /** Set aside: what each is and why it is no advisory. */
  readonly setAside: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * Takes the advisories of a folder or archive into the store, whole or not at all. One that is
 * malformed is set aside with its reason and stops nothing.
 *
 * @throws CliFault where the source itself cannot be read; the store is then as it was
 */
export async function importAdvisories(
  store: AdvisoryStore,
  source: string,
  onProgress: (read: number) => void = () => undefined,
): Promise<Imported> {
  return writeWhole(store, async (writing) => {
    let [read, written, unchanged, withdrawn] = [0, 0, 0, 0];
    const setAside: { file: string; reason: string }[] = [];
    for await (const { name, text } of readFiles(source)) {
      read += 1;
      if (read % 1000 === 0) onProgress(read);
      const found = readAdvisory(text);
      if ('reason' in found) setAside.push({ file: name, reason: found.reason });
      else if (writing.isCurrent(found.advisory.id, found.advisory.modified)) unchanged += 1;
      else {
        writing.put(found.advisory);
        if (found.advisory.withdrawn) withdrawn += 1;
        else written += 1;
      }
    }
    return { read, written, unchanged, withdrawn, setAside };
  });
}

function readAdvisory(
  text: string,
): { advisory: ReturnType<typeof osvAdvisory.parse> } | { reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { reason: `no JSON: ${(error as Error).message.slice(0, 200)}` };
  }
  const parsed = osvAdvisory.safeParse(value);
  if (parsed.success) return { advisory: parsed.data };
  const [issue] = parsed.error.issues;
  return { reason: `${issue?.path.join('.') || 'the advisory'}: ${issue?.message ?? 'malformed'}` };
}
