import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The `permissions.cedar` of every room that has one, by room. `root`: the folder of the sources. */
export async function readPermissions(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true });
  const found: Record<string, string> = {};
  for (const path of entries.filter((name) => name.endsWith('permissions.cedar')).sort()) {
    found[path.slice(0, -'/permissions.cedar'.length)] = await readFile(join(root, path), 'utf8');
  }
  return found;
}
