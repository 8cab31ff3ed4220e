import { Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import type { Operations } from '../ui/api.ts';
import { App } from './App.tsx';
import { startWords } from './i18n.ts';
import { styleNonce } from './nonce.ts';
import type { Page } from './page.ts';

/** Loads the words, then draws the console into `#root`. */
export async function start(operations: Operations, pages: readonly Page[]): Promise<void> {
  const place = document.getElementById('root');
  if (!place) throw new TypeError('index.html has no #root');
  // Read by the libraries that hold the page still below a dialog.
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
  await startWords();
  createRoot(place).render(
    <Suspense>
      <App operations={operations} pages={pages} />
    </Suspense>,
  );
}
