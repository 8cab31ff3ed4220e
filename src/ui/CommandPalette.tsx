/**
 * ⌘K: everything that can be done from here. The list itself is a chunk of its own, read when first opened.
 *
 * @example
 * // on a page: offered while the page is on screen
 * useCommands([{ id: 'person.add', label: t('add'), run: openForm }]);
 */
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';

export type Command = { readonly id: string; readonly label: string; readonly run: () => void };

type Store = { commands: readonly Command[]; openings: number };

let store: Store = { commands: [], openings: 0 };
const listeners = new Set<() => void>();
const change = (next: Partial<Store>) => {
  store = { ...store, ...next };
  for (const wake of listeners) wake();
};
const subscribe = (wake: () => void) => {
  listeners.add(wake);
  return () => listeners.delete(wake);
};
const useStore = () => useSyncExternalStore(subscribe, () => store);

/** Opens the palette from a button. */
export function openPalette(): void {
  change({ openings: store.openings + 1 });
}

/** Registers commands while the caller is mounted. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  const names = commands.map((command) => `${command.id}\u0000${command.label}`).join('\u0001');
  useEffect(() => {
    if (names === '') return;
    const mine = names.split('\u0001').map((name) => {
      const [id = '', label = ''] = name.split('\u0000');
      return { id, label, run: () => latest.current.find((command) => command.id === id)?.run() };
    });
    change({ commands: [...store.commands, ...mine] });
    return () =>
      change({
        commands: store.commands.filter(
          (command) => !mine.includes(command as (typeof mine)[number]),
        ),
      });
  }, [names]);
}

const PaletteList = lazy(() => import('./PaletteList.tsx'));

type CommandPaletteProps = {
  /** Where one can go. */
  places: readonly Command[];
  /** Commands made of what is typed. */
  searches: (typed: string) => readonly Command[];
};

/** Mounted once by the shell; hears ⌘K and Ctrl K. */
export function CommandPalette({ places, searches }: CommandPaletteProps) {
  const { commands, openings } = useStore();
  const [seen, setSeen] = useState(openings);
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== 'k' ||
        !(event.metaKey || event.ctrlKey) ||
        event.defaultPrevented
      )
        return;
      event.preventDefault();
      openPalette();
    };
    document.addEventListener('keydown', hear);
    return () => document.removeEventListener('keydown', hear);
  }, []);
  const opened = openings > seen;
  if (openings === 0) return null;
  return (
    <Suspense fallback={null}>
      <PaletteList
        opened={opened}
        onClose={() => setSeen(openings)}
        places={places}
        commands={commands}
        searches={searches}
      />
    </Suspense>
  );
}
