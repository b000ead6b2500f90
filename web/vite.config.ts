import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const out = new URL('../internal/web/dist', import.meta.url).pathname;

// compress writes NAME.gz and NAME.br beside each text of the built page, so
// that the server has nothing to compress; fonts are compressed as they are.
function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    closeBundle: async () => {
      const folders = [out, join(out, 'assets')];
      for (const folder of folders) {
        for (const name of await readdir(folder)) {
          if (!/\.(html|js|css|svg)$/.test(name)) continue;
          const text = await readFile(join(folder, name));
          await writeFile(join(folder, `${name}.gz`), gzipSync(text, { level: 9 }));
          await writeFile(
            join(folder, `${name}.br`),
            brotliCompressSync(text, {
              params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
            }),
          );
        }
      }
    },
  };
}

// fonts makes files of the fonts that stylesheets hold as data: addresses, which
// the page's policy does not allow and which would be loaded whether used or not.
function fonts(): Plugin {
  return {
    name: 'fonts',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue;
          file.source = file.source.toString().replace(/url\(["']?data:font\/woff2;base64,([^)"']*)["']?\)/g, (_, base64: string) => {
            const source = Buffer.from(base64, 'base64');
            const fileName = `assets/font-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.woff2`;
            this.emitFile({ type: 'asset', fileName, source });
            return `url(/${fileName})`;
          });
        }
      },
    },
  };
}

// unused leaves out the list of new features that the application layout can
// show on behalf of AWS's own console: a tenth of what the first page loads.
function unused(): Plugin {
  const name = 'feature-notifications-drawer-content.js';
  return {
    name: 'unused',
    enforce: 'pre',
    apply: 'build',
    resolveId: (source) => (source.endsWith(`/${name}`) ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? 'export default () => null; export const RuntimeContentPart = () => null;' : undefined),
  };
}

// named mends the box of a filter while a form is open below it in place of a
// list: to choose several values, a day or a number. The library has the box then
// name a list that is not there (aria-controls, aria-activedescendant), so that
// who does not see the form is told of nothing. It names the form instead. The
// build fails when the library has changed at one of these places.
function named(): Plugin {
  const places = [
    [`"div", { ref: customFormRef,`, `"div", { id: listId, role: "dialog", "aria-label": ariaLabel, ref: customFormRef,`],
    ['ariaActivedescendant: highlightedOptionId,', 'ariaActivedescendant: customForm ? undefined : highlightedOptionId, nativeInputAttributes: customForm ? { "aria-haspopup": "dialog" } : undefined,'],
  ] as const;
  return {
    name: 'named',
    enforce: 'pre',
    apply: 'build',
    transform: {
      filter: { id: /\/property-filter\/property-filter-autosuggest\.js$/ },
      handler: (code) => places.reduce((before, [old, mended]) => {
        if (before.split(old).length !== 2) throw new Error(`property-filter-autosuggest.js no longer has “${old}” once: see whether it still has to be mended`);
        return before.replace(old, mended);
      }, code),
    },
  };
}

// With "npm run dev", what is no page and no source comes from a server at
// ASSAY_URL.
const server = process.env.ASSAY_URL ?? 'http://127.0.0.1:8480';

export default defineConfig({
  plugins: [react(), unused(), named(), fonts(), compress()],
  build: {
    outDir: out,
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsInlineLimit: 0, // data: addresses of scripts and fonts are not allowed by the page's policy
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // light-dark() stays as it is
  },
  server: {
    proxy: {
      '/': {
        target: server,
        bypass: (request) => {
          const path = request.url ?? '/';
          const page = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html') && !path.includes('link=');
          return page || /^\/(src|node_modules|@)/.test(path) ? path : undefined;
        },
      },
    },
  },
  test: { include: ['src/**/*.test.ts'] },
});
