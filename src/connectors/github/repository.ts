import { z } from 'zod';
import { readerOf } from '../../inventory/readers.ts';
import { SourceProblem } from '../../registers/connections/facts.connector.ts';
import { type Github, type GithubLink, GithubRefused, githubOf, itemsAs } from './api.ts';

/** What a repository holds by which its packages are known. */
export interface RepositoryRead {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** Whether every such file was read. */
  readonly complete: boolean;
  readonly notes: readonly string[];
}

/** Bounds of one reading: a repository of anybody's is read. */
export interface RepositoryLimits {
  readonly files: number;
  readonly fileBytes: number;
  readonly bytes: number;
}
export const repositoryLimits: RepositoryLimits = {
  files: 300,
  fileBytes: 16 * 1024 * 1024,
  bytes: 32 * 1024 * 1024,
};

const repository = z.object({ default_branch: z.string().min(1), size: z.int().optional() });
const tree = z.object({
  truncated: z.boolean().default(false),
  tree: z.array(
    z.object({
      path: z.string(),
      type: z.string(),
      sha: z.string(),
      size: z.int().optional(),
    }),
  ),
});
type Entry = z.output<typeof tree>['tree'][number];
const blob = z.object({ content: z.string(), encoding: z.string() });

/** `owner/name` of a source, which has to lie in the organisation that is connected. */
export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

/** @throws SourceProblem where it is none of the connected organisation */
export function repositoryOf(link: GithubLink, location: string): RepositoryName {
  const found = /^(?:https:\/\/[^/]+\/)?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(location.trim());
  const [, owner = '', repo = ''] = found ?? [];
  const { organisation } = link.settings;
  if (owner.toLowerCase() !== organisation.toLowerCase() || repo === '')
    throw new SourceProblem('settingsWrong', `${location} is no repository of ${organisation}`);
  return { owner: organisation, repo };
}

/**
 * Reads the lockfiles of a repository's default branch, by git trees and blobs: known names only,
 * nothing of what was installed into `node_modules`.
 *
 * @throws SourceProblem
 */
export async function readRepository(
  link: GithubLink,
  location: string,
  limits = repositoryLimits,
): Promise<RepositoryRead> {
  const at = repositoryOf(link, location);
  const github = await githubOf(link);
  try {
    const [about] = itemsAs(repository, [await github.one('GET /repos/{owner}/{repo}', { ...at })]);
    const branch = about?.default_branch ?? '';
    return await readTree(github, at, branch, limits);
  } catch (error) {
    throw told(error, location);
  }
}

async function readTree(
  github: Github,
  at: RepositoryName,
  branch: string,
  limits: RepositoryLimits,
): Promise<RepositoryRead> {
  const answer = await github
    .one('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
      ...at,
      tree_sha: branch,
      recursive: '1',
    })
    .catch((error: unknown) => {
      // Nothing was ever committed (409).
      if (error instanceof GithubRefused && error.status === 409) return { tree: [] };
      throw error;
    });
  const [whole] = itemsAs(tree, [answer]);
  const notes: string[] = [];
  if (whole?.truncated) notes.push('GitHub shows only a part of the tree: it has too many files');
  const { chosen, left } = choose(whole?.tree ?? [], limits);
  notes.push(...left);
  const files: { name: string; text: string }[] = [];
  for (const { path, sha } of chosen) {
    const read = await github.one('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
      ...at,
      file_sha: sha,
    });
    const [one] = itemsAs(blob, [read]);
    const encoding = one?.encoding === 'base64' ? 'base64' : 'utf8';
    files.push({ name: path, text: Buffer.from(one?.content ?? '', encoding).toString('utf8') });
  }
  return { files, complete: notes.length === 0, notes };
}

/** What is read of a tree, and what of it is left out because it is too much. */
function choose(
  entries: readonly Entry[],
  limits: RepositoryLimits,
): { chosen: readonly Entry[]; left: readonly string[] } {
  const chosen: Entry[] = [];
  const left: string[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (!isLockfile(entry)) continue;
    const size = entry.size ?? 0;
    const fits =
      chosen.length < limits.files && size <= limits.fileBytes && bytes + size <= limits.bytes;
    if (fits) {
      chosen.push(entry);
      bytes += size;
    } else left.push(`${entry.path.slice(0, 200)} is left out: there is too much to read`);
  }
  return { chosen, left: left.slice(0, 50) };
}

function isLockfile({ path, type }: Entry): boolean {
  if (type !== 'blob' || /(?:^|\/)node_modules\//.test(path)) return false;
  return readerOf(path.slice(path.lastIndexOf('/') + 1)) !== null;
}

/** What GitHub says of a repository as a whole, as a problem of the reading. */
export function told(error: unknown, location: string): unknown {
  if (!(error instanceof GithubRefused)) return error;
  const code = error.status === 404 ? 'settingsWrong' : 'forbidden';
  const missing = error.permission === null ? '' : ` (${error.permission})`;
  return new SourceProblem(code, `${location}: ${error.message}${missing}`, { cause: error });
}
