import { readFileSync } from 'node:fs';
import { access, chmod, chown, constants, lchown, readdir, readFile, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { PostgresFault } from './fault.ts';

/**
 * How PostgreSQL is run. It refuses to run as root, so root runs it under an account without
 * privileges; anybody else runs it as themselves.
 */
export interface Account {
  /** Null where this process runs PostgreSQL under its own account. */
  readonly ids: { readonly uid: number; readonly gid: number } | null;
  /** Turns a command into the one to spawn: through `setpriv` where the account needs a way in. */
  readonly command: (program: string, args: readonly string[]) => SpawnCommand;
}

export interface SpawnCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly ids: { readonly uid: number; readonly gid: number } | Record<string, never>;
}

const nobody = { uid: 65534, gid: 65534 };

/**
 * Chooses the account for a folder that exists, lets that account through the folder itself, and
 * makes sure that it reaches both the folder and PostgreSQL's programs.
 *
 * @param cluster where the cluster is or will be, inside `folder`
 * @throws PostgresFault `folderUnreachable` where a folder above is closed to it and no way in exists
 */
export async function chooseAccount(
  folder: string,
  cluster: string,
  program: string,
): Promise<Account> {
  if (process.getuid?.() !== 0)
    return { ids: null, command: (path, args) => ({ program: path, args, ids: {} }) };
  const ids = (await ownerOf(cluster)) ?? (await postgresAccount()) ?? nobody;
  await chown(folder, 0, ids.gid);
  await chmod(folder, 0o710);
  const closed =
    (await closedAncestor(folder, ids)) ?? (await closedAncestor(dirname(program), ids));
  if (!closed) return { ids, command: (path, args) => ({ program: path, args, ids }) };
  const way = await wayIn();
  if (!way) {
    throw new PostgresFault(
      'folderUnreachable',
      `PostgreSQL does not run as root, and the account it runs under (uid ${ids.uid}) may not pass through ${closed}; ` +
        'move Kept and its data folder elsewhere, start it as another user, or name a database by DATABASE_URL',
    );
  }
  return { ids, command: (path, args) => throughSetpriv(way, ids, path, args) };
}

async function ownerOf(cluster: string): Promise<Account['ids']> {
  const found = await stat(cluster).catch(() => null);
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : null;
}

async function postgresAccount(): Promise<Account['ids']> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, , uid, gid] =
    passwd
      .split('\n')
      .find((line) => line.startsWith('postgres:'))
      ?.split(':') ?? [];
  return uid && gid && Number(uid) !== 0 ? { uid: Number(uid), gid: Number(gid) } : null;
}

/** The first folder on the way to `path`, itself included, that the account may not pass through. */
async function closedAncestor(
  path: string,
  ids: NonNullable<Account['ids']>,
): Promise<string | null> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === ids.uid ? 0o100 : gid === ids.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
    if (folder === dirname(folder)) return null;
  }
}

interface WayIn {
  readonly setpriv: string;
  readonly capability: 'dac_read_search' | 'dac_override';
}

/**
 * A checkout under root's own home (mode 0700) is common on fresh machines. There, PostgreSQL is
 * given the single capability to pass through folders, and stays without every other right of root.
 */
async function wayIn(): Promise<WayIn | null> {
  if (process.platform !== 'linux') return null;
  const effective = BigInt(
    `0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`,
  );
  // Bits of capabilities(7): CAP_DAC_OVERRIDE is 1, CAP_DAC_READ_SEARCH is 2; the second is the lesser right.
  const capability = effective & 4n ? 'dac_read_search' : effective & 2n ? 'dac_override' : null;
  const setpriv = await findProgram('setpriv');
  return capability && setpriv ? { setpriv, capability } : null;
}

async function findProgram(name: string): Promise<string | null> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin'].filter(
    Boolean,
  );
  for (const folder of folders) {
    const path = join(folder, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}

function throughSetpriv(
  way: WayIn,
  ids: NonNullable<Account['ids']>,
  program: string,
  args: readonly string[],
): SpawnCommand {
  const rights = [
    `--reuid=${ids.uid}`,
    `--regid=${ids.gid}`,
    '--clear-groups',
    `--inh-caps=+${way.capability}`,
    `--ambient-caps=+${way.capability}`,
  ];
  return { program: way.setpriv, args: [...rights, '--', program, ...args], ids: {} };
}

/** Gives a folder and everything in it to the account; a cluster restored by root belongs to root. */
export async function giveTo(account: Account, path: string): Promise<void> {
  if (!account.ids) return;
  const { uid, gid } = account.ids;
  await lchown(path, uid, gid);
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  for (const entry of entries) await lchown(join(entry.parentPath, entry.name), uid, gid);
}
