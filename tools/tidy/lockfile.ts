import type { House } from './house.ts';
import type { Rule } from './rule.ts';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Packages = Readonly<Record<string, Locked>>;

const LOCK = 'package-lock.json';
const EXACT = /^\d+\.\d+\.\d+\S*$/;

/**
 * The lock file is whole: `npm ci` refuses one that leaves out what a package asks for, even an
 * optional package of another platform, and npm does leave those out when its registry lacks them.
 * It names no registry either, so that each machine uses its own.
 */
export const lockfile: Rule = {
  name: 'lockfile',
  judge(house: House) {
    const text = house.text(LOCK);
    if (text === undefined) return { findings: [], covered: {} };
    const { packages } = JSON.parse(text) as { packages: Packages };
    const findings = Object.entries(packages).flatMap(([path, locked]) =>
      objections(packages, path, locked).map((message) => ({
        path: LOCK,
        line: lineOf(text, path),
        message,
      })),
    );
    return { findings, covered: { 'locked packages': Object.keys(packages).length - 1 } };
  },
};

function objections(packages: Packages, path: string, locked: Locked): string[] {
  const wanted = Object.entries({
    ...locked.dependencies,
    ...locked.devDependencies,
    ...locked.optionalDependencies,
  });
  const by = path === '' ? 'this project' : path;
  const missing = wanted.flatMap(([name, range]) => {
    const found = resolved(packages, path, name);
    if (found === undefined) return [`leaves out ${name}, which ${by} asks for`];
    const disagrees = EXACT.test(range) && found.version !== range;
    return disagrees ? [`has ${name} ${found.version} where ${by} asks for ${range}`] : [];
  });
  return locked.resolved === undefined ? missing : [...missing, `says where ${path} came from`];
}

/** As Node finds a package: in the nearest node_modules, going up. */
function resolved(packages: Packages, from: string, name: string): Locked | undefined {
  let folder = from;
  for (;;) {
    const found = packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`];
    if (found !== undefined || folder === '') return found;
    const up = folder.lastIndexOf('/node_modules/');
    folder = up === -1 ? '' : folder.slice(0, up);
  }
}

function lineOf(text: string, path: string): number {
  const at = text.indexOf(`"${path}": {`);
  return at === -1 ? 1 : text.slice(0, at).split('\n').length;
}
