import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The console: static files under `dist/web`, hashed below `/assets`, which the server sends with a strict CSP.
 * No inline script or style is written into the page. Pages are chunks of their own; what every page
 * needs is cut into a few stable chunks, so that a new version of Kept does not make browsers read React again.
 */
export default defineConfig({
  root: here('./src/web'),
  base: '/',
  plugins: [react()],
  css: { modules: { generateScopedName: 'kept-[name]-[local]' } },
  build: {
    outDir: here('./dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    assetsDir: 'assets',
    // Fonts and pictures stay files: data: addresses are not allowed by the policy.
    assetsInlineLimit: 0,
    // The polyfill would be an inline script; every browser of the target has module preload.
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'tanstack', test: /node_modules\/(@tanstack|seroval|seroval-plugins)\// },
            { name: 'words', test: /node_modules\/(i18next|react-i18next|html-parse-stringify)\// },
          ],
        },
      },
    },
  },
});
