import { Gathering, type Inventory } from './component.ts';
import { plainName } from './python.ts';

/**
 * `requirements.txt` (pip, "Requirements File Format"). What is pinned with `==` or `===` has a version;
 * of what may be of many, the least that is named is looked at, and a note says so; of what names none,
 * nothing can be told.
 */
export function readRequirements(text: string): Inventory {
  const found = new Gathering('requirements.txt');
  for (const line of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const plain = line
      .replace(/(?:^|\s)#.*$/, '')
      .replace(/\s--?[A-Za-z].*$/, '')
      .replace(/;.*$/, '')
      .trim();
    if (plain === '') continue;
    if (plain.startsWith('-')) readOption(found, plain);
    else readRequirement(found, plain);
  }
  return found.inventory();
}

function readOption(found: Gathering, option: string): void {
  if (/^(?:-r|-c|--requirement|--constraint)/.test(option)) {
    found.note(`names another file, which was not given: ${option.slice(0, 80)}`);
  } else if (/^(?:-e|--editable)/.test(option)) {
    found.note(`not from a package index: ${option.slice(0, 80)}`);
  }
}

const requirement = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$/s;

function readRequirement(found: Gathering, plain: string): void {
  const [, written, rest = ''] = requirement.exec(plain) ?? [];
  if (written === undefined || !/^(?:$|\(?\s*(?:[=<>!~]=|[<>])|@)/.test(rest)) {
    found.note(`not a requirement by name: ${plain.slice(0, 80)}`);
    return;
  }
  const name = plainName(written);
  if (rest.startsWith('@')) {
    found.root(found.addElsewhere(name, null, rest.slice(1).trim()));
    return;
  }
  const pinned = /^\(?\s*={2,3}\s*([^\s;,*()]+)\)?$/.exec(rest)?.[1];
  if (pinned && !pinned.includes('${')) {
    found.root(found.add('PyPI', name, pinned));
    return;
  }
  const least = /(?:>=|~=|<=)\s*([0-9][^\s;,*()]*)/.exec(rest)?.[1];
  const isBounded = least !== undefined && !/!=|\*|,/.test(rest);
  found.note(
    isBounded
      ? `not pinned to one version, the one named is looked at: ${plain.slice(0, 80)}`
      : `not pinned to one version: ${plain.slice(0, 80)}`,
  );
  found.root(isBounded ? found.add('PyPI', name, least) : found.addUnversioned('PyPI', name));
}
