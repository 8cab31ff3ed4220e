/**
 * Short messages in the corner: "Revoked". The library that draws them is fetched with the first one.
 *
 * @example notify(t('copied'));   // useCommand says its `done` by itself
 */
import i18next from 'i18next';
import { lazy, Suspense, useSyncExternalStore } from 'react';

let wanted = false;
const listeners = new Set<() => void>();

function subscribe(wake: () => void): () => void {
  listeners.add(wake);
  return () => listeners.delete(wake);
}

/** Shows a message for five seconds. */
export function notify(message: string): void {
  wanted = true;
  for (const wake of listeners) wake();
  // Its store keeps the message until the place for it is drawn.
  void import('@mantine/notifications').then(({ notifications }) =>
    notifications.show({
      message,
      closeButtonProps: { 'aria-label': i18next.t('close', { ns: 'ui' }) },
    }),
  );
}

const NoticeArea = lazy(() => import('./NoticeArea.tsx'));

/** Where messages appear. Mounted once, by the shell. */
export function Notices() {
  const needed = useSyncExternalStore(subscribe, () => wanted);
  if (!needed) return null;
  return (
    <Suspense fallback={null}>
      <NoticeArea />
    </Suspense>
  );
}
