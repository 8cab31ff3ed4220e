import { useRouter } from '@tanstack/react-router';
import { type Command, CommandPalette } from '../../ui/CommandPalette.tsx';
import { useWords } from '../../ui/words.ts';
import { navWord, type Page } from '../page.ts';

/** ⌘K: every page of the rail, a search in each register, and what the page on screen registered. */
export function Palette({ pages }: { pages: readonly Page[] }) {
  const t = useWords('web');
  const router = useRouter();
  const places: Command[] = pages.map((page) => ({
    id: page.path,
    label: t(navWord(page.nav?.label ?? '')),
    run: () => router.history.push(page.path),
  }));
  const searches = (typed: string): Command[] =>
    pages
      .filter((page) => page.nav?.searchable)
      .map((page) => ({
        id: `search ${page.path}`,
        label: t('searchIn', { place: t(navWord(page.nav?.label ?? '')), typed }),
        run: () => router.history.push(`${page.path}?q=${encodeURIComponent(typed)}`),
      }));
  return <CommandPalette places={places} searches={searches} />;
}
