import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Script that a page may need before it is drawn, gzipped: shell, words, page, and all that they import. */
const FIRST_LOAD_BYTES = 260_000;
/** What every page pays; the rest is for the page itself and the words of its rooms. */
const SHELL_BYTES = 185_000;

/**
 * The console: static files under `dist/web`, hashed below `/assets`, which the server sends with a strict CSP.
 * No inline script or style is written into the page. Pages are chunks of their own; what every page
 * needs is cut into a few stable chunks, so that a new version of Kept does not make browsers read React again.
 */
export default defineConfig({
  root: here('./src/web'),
  base: '/',
  plugins: [react(), schemasStayHome(), wordsApart(), firstLoad()],
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
    chunkSizeWarningLimit: 400,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            {
              name: 'tanstack',
              test: /node_modules\/(@tanstack\/(?!.*virtual)|seroval\/|seroval-plugins\/)/,
            },
            { name: 'words', test: /node_modules\/(i18next|react-i18next|html-parse-stringify)\// },
          ],
        },
      },
    },
  },
});

/**
 * A page may take a constant from its room's facts, where schemas stand beside it. The server parses; in the
 * browser zod would be dead weight (22 kB gzipped), so schemas of ours are declared there on a stand-in, and
 * one that is used all the same throws.
 */
function schemasStayHome(): Plugin {
  const standIn = '\0kept:zod';
  return {
    name: 'kept:schemas-stay-home',
    enforce: 'pre',
    resolveId: (id, importer) =>
      id === 'zod' && importer?.startsWith(here('./src/')) ? standIn : undefined,
    load: (id) =>
      id === standIn
        ? `const uses = /^(parse|safeParse|spa|encode|decode)/;
           const refuse = () => { throw new TypeError('schemas are for the server'); };
           const schema = new Proxy(function () {}, {
             get: (_, name) => (uses.test(String(name)) ? refuse : schema),
             apply: () => schema,
           });
           export const z = schema;
           export default schema;`
        : undefined,
  };
}

/**
 * Refusals and mails are said by the server: their sentences would be dead weight. `?everywhere` is
 * what lists of all rooms say of one room; the rest comes with the pages that say it.
 */
function wordsApart(): Plugin {
  return {
    name: 'kept:words-apart',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/words\.\w+\.json(\?everywhere)?$/.test(id)) return undefined;
      const { refusal: _, mail: __, ...words } = JSON.parse(code) as Record<string, unknown>;
      const { nav, task, event } = words;
      // With a query it is a module like others; without, Vite makes one of the JSON.
      return id.endsWith('?everywhere')
        ? { code: `export default ${JSON.stringify({ nav, task, event })}`, map: null }
        : { code: JSON.stringify(words), map: null };
    },
  };
}

/** Fails the build when the shell grows; names every page that needs more at its first load than was promised. */
function firstLoad(): Plugin {
  return {
    name: 'kept:first-load',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const withFile = (pattern: RegExp) =>
        chunks.filter((chunk) => pattern.test(chunk.facadeModuleId ?? ''));
      // `pages.ts` and the lists of rooms beside it.
      const listed = [...this.getModuleIds()]
        .filter((id) => /\/src\/web\/pages(\.\w+)?\.ts$/.test(id))
        .flatMap((id) => this.getModuleInfo(id)?.dynamicallyImportedIds ?? []);
      const pages = chunks.filter((chunk) => listed.includes(chunk.facadeModuleId ?? ''));
      const shell = [...chunks.filter((chunk) => chunk.isEntry), ...withFile(/\/words\/en\.ts$/)];
      if (shell.length < 2 || pages.length === 0) {
        this.error('the first load cannot be told: the shell, its words or the pages are missing');
      }
      const bytes = (roots: readonly Rolldown.OutputChunk[]) => gzipped(closure(roots, bundle));
      const shellBytes = bytes(shell);
      this.info(`shell ${inKilobytes(shellBytes)} gzipped, ${pages.length} pages`);
      if (shellBytes > SHELL_BYTES) {
        this.error(
          `the shell may weigh ${inKilobytes(SHELL_BYTES)}, not ${inKilobytes(shellBytes)}`,
        );
      }
      for (const page of pages) {
        const whole = bytes([...shell, page, ...wordsOf(page, shell, bundle)]);
        const file = (page.facadeModuleId ?? '').slice(here('./src/').length);
        if (whole > FIRST_LOAD_BYTES) {
          this.warn(
            `${file} needs ${inKilobytes(whole)} at its first load; load its dialogs lazily`,
          );
        }
      }
    },
  };
}

/** The words of the rooms that a page, or what it imports beside the shell, says something of. */
function wordsOf(
  page: Rolldown.OutputChunk,
  shell: readonly Rolldown.OutputChunk[],
  bundle: Rolldown.OutputBundle,
): readonly Rolldown.OutputChunk[] {
  const everywhere = closure(shell, bundle);
  const own = [...closure([page], bundle)].filter((chunk) => !everywhere.has(chunk));
  const code = own.map((chunk) => chunk.code).join('\n');
  return Object.values(bundle).filter((chunk): chunk is Rolldown.OutputChunk => {
    if (chunk.type !== 'chunk') return false;
    const room = /\/src\/(.+)\/words\.en\.json$/.exec(chunk.facadeModuleId ?? '')?.[1];
    return room !== undefined && code.includes(room);
  });
}

const inKilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

/** Chunks and all that they import statically. */
function closure(
  roots: readonly Rolldown.OutputChunk[],
  bundle: Rolldown.OutputBundle,
): Set<Rolldown.OutputChunk> {
  const found = new Set<Rolldown.OutputChunk>();
  const visit = (chunk: Rolldown.OutputChunk) => {
    if (found.has(chunk)) return;
    found.add(chunk);
    for (const name of chunk.imports) {
      const next = bundle[name];
      if (next?.type === 'chunk') visit(next);
    }
  };
  for (const root of roots) visit(root);
  return found;
}

function gzipped(chunks: ReadonlySet<Rolldown.OutputChunk>): number {
  return [...chunks].reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
}
