import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { isOwn, repositoryOf } from './javascript.sources.ts';
import { listOf, readJson, readJsonWithComments, type Tree, textOf, treeOf } from './tree.ts';

const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * `package-lock.json` and `npm-shrinkwrap.json` of npm, lockfile versions 1 to 3 (docs.npmjs.com,
 * "package-lock.json").
 *
 * @throws InventoryFault
 */
export function readPackageLock(text: string): Inventory {
  const format = 'package-lock.json';
  const lock = readJson(text, format);
  const found = new Gathering(format);
  if (lock['packages'] !== undefined) readPlaces(treeOf(lock['packages']), found);
  else if (lock['dependencies'] !== undefined) readNested(lock, found);
  else if (lock['lockfileVersion'] === undefined) {
    throw new InventoryFault(`${format} has neither packages nor a lockfileVersion`);
  }
  return found.inventory();
}

/** Versions 2 and 3: by place in `node_modules`, each place a component of its own. */
function readPlaces(places: Tree, found: Gathering): void {
  for (const [place, value] of Object.entries(places)) {
    const entry = treeOf(value);
    const name = textOf(entry['name']) ?? nameOfPlace(place);
    const version = textOf(entry['version']);
    if (place === '' || entry['link'] === true || !place.includes('node_modules/')) continue;
    const isDevelopment = entry['dev'] === true || entry['devOptional'] === true;
    const repository = repositoryOf(textOf(entry['resolved']));
    if (repository) found.addElsewhere(name, version, repository, { ref: place, isDevelopment });
    else if (!version) found.note(`${place} has no version`);
    else found.add('npm', name, version, { ref: place, isDevelopment });
  }
  for (const [place, value] of Object.entries(places)) {
    const inner = place.includes('node_modules/');
    for (const field of inner ? fields.filter((one) => one !== 'devDependencies') : fields) {
      for (const name of Object.keys(treeOf(treeOf(value)[field]))) {
        const target = resolvePlace(places, place, name);
        if (target === null) continue;
        if (inner) found.depends(place, target);
        else found.root(target);
      }
    }
  }
}

function nameOfPlace(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** As Node finds a package: beside the one that asks, then in each folder above it. */
function resolvePlace(places: Tree, from: string, name: string): string | null {
  for (let folder = from; ; ) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (Object.hasOwn(places, candidate)) return linked(places, candidate);
    if (folder === '') return null;
    const cut = folder.lastIndexOf('/node_modules/');
    folder = cut < 0 ? '' : folder.slice(0, cut);
  }
}

function linked(places: Tree, place: string): string {
  const entry = treeOf(places[place]);
  return entry['link'] === true ? (textOf(entry['resolved']) ?? place) : place;
}

/** Version 1: packages inside packages, which may lie as deep as they like. */
function readNested(lock: Tree, found: Gathering): void {
  const waiting: { readonly at: Tree; readonly parent: string | null }[] = [
    { at: lock, parent: null },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const [name, value] of Object.entries(treeOf(next.at['dependencies']))) {
      const entry = treeOf(value);
      const version = textOf(entry['version']);
      const repository = repositoryOf(version);
      if (!version || (repository === null && /^(?:file|link|https?):/.test(version))) {
        found.note(`${name} is not from the registry: ${version ?? 'no version'}`);
        continue;
      }
      const isDevelopment = entry['dev'] === true;
      const alias = /^npm:(.+)@([^@]+)$/.exec(version);
      const ref =
        repository === null
          ? found.add('npm', alias?.[1] ?? name, alias?.[2] ?? version, { isDevelopment })
          : found.addElsewhere(name, null, repository, { isDevelopment });
      if (next.parent === null) found.root(ref);
      else found.depends(next.parent, ref);
      waiting.push({ at: entry, parent: ref });
    }
  }
}

/** `bun.lock` (bun.com/docs, "Lockfile"). @throws InventoryFault */
export function readBunLock(text: string): Inventory {
  const format = 'bun.lock';
  const lock = readJsonWithComments(text, format);
  const found = new Gathering(format);
  const packages = treeOf(lock['packages']);
  const refs = new Map<string, string>();
  for (const [place, value] of Object.entries(packages)) {
    const [, name = '', version = ''] =
      /^(.[^@]*)@(.+)$/.exec(textOf(listOf(value)[0]) ?? '') ?? [];
    const repository = repositoryOf(version);
    if (version === '') found.note(`${place} has no version`);
    else if (repository) refs.set(place, found.addElsewhere(name, null, repository));
    else if (/^https?:/.test(version)) found.note(`${name} is an archive at an address`);
    else if (!isOwn(version)) refs.set(place, found.add('npm', name, version));
  }
  for (const [place, value] of Object.entries(packages)) {
    const from = refs.get(place);
    const needs = treeOf(listOf(value).find((part) => part !== null && typeof part === 'object'));
    for (const field of fields) {
      for (const name of Object.keys(treeOf(needs[field]))) {
        const to = refs.get(`${place}/${name}`) ?? refs.get(name);
        if (from && to) found.depends(from, to);
      }
    }
  }
  for (const workspace of Object.values(treeOf(lock['workspaces']))) {
    for (const field of fields) {
      for (const name of Object.keys(treeOf(treeOf(workspace)[field]))) {
        const to = refs.get(name);
        if (to) found.root(to);
      }
    }
  }
  return found.inventory();
}
