// Every page, light and dark, wide and narrow: axe-core finds no violation, and
// nothing is wider than the window. With ASSAY_PICTURES a picture of each is kept.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { ask, browse, browserPath, picture, pictures, serve } from './serve.mjs';

const skip = browserPath() ? false : 'no Chromium is installed';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const settings = ['registries', 'functions', 'agents', 'scanning', 'sinks', 'feeds', 'keys', 'audit'];
const pages = ['start', 'summary', 'findings', 'vulnerabilities', 'coverage', 'rules', 'exports', 'accounts', ...settings.map((s) => `settings/${s}`)];
const views = { light: {}, dark: { dark: true }, narrow: { width: 390, height: 844 }, 'narrow-dark': { width: 390, height: 844, dark: true } };
// Pictures are made of all that there is, as is asked for by ASSAY_TEST_LONG; else
// of each kind some are looked at.
const whole = Boolean(pictures || process.env.ASSAY_TEST_LONG);
const rounds = [[false, 'light'], [false, 'dark'], [false, 'narrow'], [true, 'light'], [true, 'dark'], [true, 'narrow'], [true, 'narrow-dark']]
  .filter(([filled, name]) => whole || (filled ? ['light', 'narrow-dark'].includes(name) : name === 'dark'));
let server, browser;
before(async () => {
  if (skip) return;
  server = await serve();
  browser = await browse();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// look opens a page and waits until it is still.
async function look(page, path) {
  await page.goto(server.url + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => !document.querySelector('[class*="awsui_spinner"], [class*="status-loading"]'), undefined, { timeout: 15_000 });
  await page.waitForTimeout(300);
}

// examine returns what axe-core finds, and whether the page is too wide. The
// policy of the page forbids scripts that are written into it: axe-core is run
// by the browser itself.
async function examine(page) {
  const { result } = await page.context().newCDPSession(page).then((c) => c.send('Runtime.evaluate', {
    expression: `${axe}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', '))))`,
    awaitPromise: true, returnByValue: true,
  }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return [...JSON.parse(result.value), ...(wide > 1 ? [`${wide} px too wide`] : [])];
}

// Pages that ask for something: what they show while they wait, and when it fails.
const asking = whole ? pages.filter((p) => p !== 'vulnerabilities') : ['summary', 'findings', 'coverage', 'rules', 'settings/sinks'];
for (const state of ['loading', 'error']) {
  test(state, { skip, timeout: 300_000 }, async (t) => {
    const page = await browser.open(server.url);
    const { url } = await server.admin('sessions', 'link', '--name', state, '--role', 'admin');
    await page.goto(url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const held = [];
    await page.route((at) => at.origin === server.url && !/^\/(assets\/|assay\/v1\/(session|live)$)/.test(at.pathname), (route) => {
      if (['document', 'script', 'stylesheet', 'font', 'image'].includes(route.request().resourceType())) return route.continue();
      if (state === 'loading') return held.push(route);
      return route.fulfill({ status: 500, contentType: 'application/json', body: '{"code":"InternalServerException","message":"The database does not answer."}' });
    });
    const bad = [];
    for (const path of asking) {
      await page.goto(`${server.url}/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (state === 'error') await page.getByText('The database does not answer.').first().waitFor({ timeout: 15_000 }).catch(() => bad.push(`/${path} does not tell the error`));
      await page.waitForTimeout(500);
      await picture(page, `${path.replaceAll('/', '-')}-${state}`);
      bad.push(...(await examine(page)).map((f) => `/${path}: ${f}`));
    }
    for (const b of bad) t.diagnostic(b);
    assert.deepEqual(bad, []);
    await Promise.all(held.map((route) => route.abort().catch(() => undefined)));
    await page.context().close();
  });
}

for (const [filled, name] of rounds) {
  const options = views[name];
  test(`${filled ? 'filled' : 'empty'}, ${name}`, { skip, timeout: 300_000 }, async (t) => {
    if (filled && name === 'light') {
      await server.scan('source:../examples/source');
      await server.scan('oci:../examples/image').catch(() => undefined);
    }
    const page = await browser.open(server.url, options);
    const { url } = await server.admin('sessions', 'link', '--name', `looks-${name}`, '--role', 'admin');
    await page.goto(url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const all = pages.map((path) => ({ path, name: path.replaceAll('/', '-') }));
    if (filled) {
      const { body } = await ask(page, 'POST', '/findings/list', { maxResults: 1, sortCriteria: { field: 'SEVERITY', sortOrder: 'DESC' } });
      const [{ findingArn, packageVulnerabilityDetails: { vulnerabilityId } }] = body.findings;
      all.push({ path: `findings/${encodeURIComponent(findingArn)}`, name: 'finding' }, { path: `vulnerabilities/${vulnerabilityId}`, name: 'vulnerability' });
      all.push({ path: 'signin', name: 'signin' }); // last: nobody is signed in any more
    }
    for (const { path, name: called } of all) {
      if (path === 'signin') await page.context().clearCookies();
      await look(page, `/${path}`);
      if (filled ? name !== 'narrow-dark' : name === 'light') await picture(page, `${called}-${filled ? name : 'empty'}`);
      const found = await examine(page);
      if (found.length > 0) t.diagnostic(`/${path}: ${found.join(' | ')}`);
      page.bad = [...(page.bad ?? []), ...found.map((f) => `/${path}: ${f}`)];
    }
    assert.deepEqual(page.bad, []);
    assert.deepEqual(page.faults.filter((f) => !/status of 40[14]/.test(f)), []);
    await page.context().close();
  });
}
