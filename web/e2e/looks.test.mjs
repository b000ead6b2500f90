// Every page, light and dark, wide and narrow: axe-core finds no violation, and
// nothing is wider than the window. With ASSAY_PICTURES a picture of each is kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { examine, look } from './examine.mjs';
import { ask, browse, browserPath, picture, pictures, serve } from './serve.mjs';

const skip = browserPath() ? false : 'no Chromium is installed';
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
      all.push({ path: 'coverage?resourceType=AWS_ECR_CONTAINER_IMAGE&images=handed-in', name: 'coverage-ci' });
      all.push({ path: 'signin', name: 'signin' }); // last: nobody is signed in any more
    }
    for (const { path, name: called } of all) {
      if (path === 'signin') await page.context().clearCookies();
      await look(page, `${server.url}/${path}`);
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
