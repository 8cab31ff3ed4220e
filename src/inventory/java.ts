import { Gathering, type Inventory, InventoryFault } from './component.ts';
import { readXml, type XmlEvents, xmlFault } from './xml.ts';

/** `gradle.lockfile`: `group:name:version=configurations` a line. */
export function readGradleLock(text: string): Inventory {
  const found = new Gathering('gradle.lockfile');
  for (const line of text.split(/\r?\n/)) {
    const plain = line.trim();
    if (plain === '' || plain.startsWith('#') || plain.startsWith('empty=')) continue;
    const named = /^([^:=\s]+:[^:=\s]+):([^:=\s]+)=(.*)$/.exec(plain);
    if (!named) found.note(`"${plain.slice(0, 80)}" is no line of a gradle.lockfile`);
    else {
      const isDevelopment = (named[3] ?? '').split(',').every((one) => /^test/i.test(one));
      found.root(found.add('Maven', named[1] ?? '', named[2] ?? '', { isDevelopment }));
    }
  }
  return found.inventory();
}

/**
 * `pom.xml` (Maven, "POM Reference"): the dependencies that it states itself, with its own properties
 * filled in. What a parent or an imported list decides cannot be told from this file; a note says so.
 *
 * @throws InventoryFault
 */
export function readPom(text: string): Inventory {
  const found = new Gathering('pom.xml');
  const { properties, dependencies, managed } = readProject(text);
  const fill = (value: string | undefined): string | undefined =>
    value?.replace(/\$\{([^${}]+)\}/g, (whole, name: string) => properties.get(name) ?? whole);
  const versions = new Map(managed.map((one) => [nameOf(one), fill(one['version'])]));
  for (const one of dependencies) {
    const name = fill(nameOf(one)) ?? '';
    const version = fill(one['version']) ?? versions.get(nameOf(one));
    const least = /^[[(]\s*([^,\])\s]+)/.exec(version ?? '')?.[1];
    if (!version || version.includes('${') || (least === undefined && /[[(,]/.test(version))) {
      found.note(`${name} has no version that this file alone could tell`);
      if (!/\$\{|^:|:$/.test(name)) found.root(found.addUnversioned('Maven', name));
      continue;
    }
    if (least !== undefined) found.note(`${name} may be of many versions: the least is looked at`);
    const isDevelopment = one['scope'] === 'test';
    found.root(found.add('Maven', name, least ?? version, { isDevelopment }));
  }
  return found.inventory();
}

type Fields = Readonly<Record<string, string>>;

const nameOf = (fields: Fields): string =>
  `${fields['groupId'] ?? ''}:${fields['artifactId'] ?? ''}`;

interface Project {
  readonly properties: Map<string, string>;
  readonly dependencies: Fields[];
  readonly managed: Fields[];
}

/** `project.version` and its like, also under the older names; what is missing is the parent's. */
function setOwn(
  properties: Map<string, string>,
  inside: string,
  name: string,
  value: string,
): void {
  const isParents = inside.startsWith('project/parent/');
  if (isParents) properties.set(`project.parent.${name}`, value);
  for (const key of [`project.${name}`, `pom.${name}`, name]) {
    if (!isParents || (name !== 'artifactId' && !properties.has(key))) properties.set(key, value);
  }
}

/** Walks the document once, without building it; entities of a document type are not known to the parser. */
function readProject(text: string): Project {
  const project: Project = { properties: new Map(), dependencies: [], managed: [] };
  const path: string[] = [];
  let fields: Record<string, string> = {};
  let content = '';
  const open = (name: string) => {
    path.push(name);
    content = '';
    if (name === 'dependency') fields = {};
  };
  const take = (piece: string) => {
    content += piece;
  };
  const close = (name: string) => {
    const inside = path.join('/');
    path.pop();
    const value = content.trim();
    content = '';
    if (/^project\/properties\/[^/]+$/.test(inside)) project.properties.set(name, value);
    else if (/^project\/(?:parent\/)?(?:version|groupId|artifactId)$/.test(inside)) {
      setOwn(project.properties, inside, name, value);
    } else if (inside.endsWith(`/dependency/${name}`)) fields[name] = value;
    else if (/^project\/(?:profiles\/profile\/)?dependencies\/dependency$/.test(inside)) {
      project.dependencies.push(fields);
    } else if (/dependencyManagement\/dependencies\/dependency$/.test(inside)) {
      project.managed.push(fields);
    }
  };
  readXml(text, { open, text: take, close }, xmlFault('pom.xml'));
  if (!text.includes('<project'))
    throw new InventoryFault('pom.xml cannot be read: it has no project');
  return project;
}

/**
 * `gradle/verification-metadata.xml` (docs.gradle.org, "Verifying dependencies"): everything that a
 * build may fetch, plugins included.
 *
 * @throws InventoryFault
 */
export function readGradleVerification(text: string): Inventory {
  const format = 'verification-metadata.xml';
  const found = new Gathering(format);
  let root = '';
  const open: XmlEvents['open'] = (name, attributes) => {
    root ||= name;
    if (name !== 'component') return;
    const [group, artifact, version] = ['group', 'name', 'version'].map((key) => attributes[key]);
    if (group && artifact && version) found.add('Maven', `${group}:${artifact}`, version);
    else found.note(`${group ?? '?'}:${artifact ?? '?'} has no version`);
  };
  readXml(text, { open }, xmlFault(format));
  if (root !== 'verification-metadata') {
    throw new InventoryFault(`${format} cannot be read: it begins with ${root || 'nothing'}`);
  }
  return found.inventory();
}
