import { useState } from 'react';
import type { NavGroup } from '../page.ts';

const remembered = 'kept.rail';

/** From so many entries on, only the first groups are open until the reader opens others. */
const manyEntries = 16;
const openAmongMany: readonly NavGroup[] = ['policy', 'today', 'people', 'access'];

type Choices = Partial<Record<NavGroup, boolean>>;

/** Which groups of the rail are open: as the reader left them in this browser. */
export function useGroups(entries: number) {
  const [choices, setChoices] = useState(readChoices);
  const isOpen = (group: NavGroup): boolean =>
    choices[group] ?? (entries <= manyEntries || openAmongMany.includes(group));
  const turn = (group: NavGroup): void => {
    const next = { ...choices, [group]: !isOpen(group) };
    setChoices(next);
    try {
      localStorage.setItem(remembered, JSON.stringify(next));
    } catch {
      // A browser that keeps nothing: it holds until the page is left.
    }
  };
  return { isOpen, turn };
}

function readChoices(): Choices {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(remembered) ?? '{}');
    return typeof known === 'object' && known !== null ? (known as Choices) : {};
  } catch {
    return {};
  }
}
