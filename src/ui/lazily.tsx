import { type ComponentType, lazy, Suspense } from 'react';

/**
 * A component whose script is fetched when it is first drawn; until then nothing stands in its place.
 * For dialogs, forms and menus that most readers of a page never open.
 *
 * @example const AskDialog = lazily(async () => (await import('./page.asking.tsx')).AskDialog);
 */
export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const Fetched = lazy(async () => ({ default: await load() }));
  return (props) => (
    <Suspense fallback={null}>
      <Fetched {...props} />
    </Suspense>
  );
}
