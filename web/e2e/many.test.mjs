// The pages with many findings: ASSAY_PAGE_FINDINGS says how many, a million in
// "make nightly". Every list, group and page is opened, examined and timed, and
// the whole way is gone by keyboard.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { examine, look, still } from './examine.mjs';
import { ask, assay, browse, browserPath, serve } from './serve.mjs';

const skip = browserPath() ? false : 'no Chromium is installed';
const wanted = Number(process.env.ASSAY_PAGE_FINDINGS ?? 3000);
let server, browser, page, total;

// fill hands in scans of functions, code and hosts until there are as many
// findings as wanted. Each lacks some of the packages of the example, and hosts
// and code have names of their own, so that lists have something to tell apart.
async function fill() {
  const seen = JSON.parse(execFileSync(assay, ['sbom', 'source:../examples/source', '-o', 'json']));
  const kinds = [['AWS_LAMBDA_FUNCTION', 'function'], ['CODE_REPOSITORY', 'source'], ['AWS_EC2_INSTANCE', 'host']];
  let made = 0;
  let next = 0;
  const began = Date.now();
  const feeder = async () => {
    while (made < wanted) {
      const n = next++;
      const [type, kind] = kinds[n % kinds.length];
      const name = `${kind}-${String(n).padStart(6, '0')}`;
      const scan = {
        schema: 'assay.scan/1',
        target: { name, kind },
        resource: {
          type, id: type === 'AWS_EC2_INSTANCE' ? `i-${n.toString(16).padStart(17, '0')}` : name, name, labels: { team: `team-${n % 40}` },
          ...(kind === 'function' ? { function: { name, runtime: 'NODEJS_20_X' } } : {}),
        },
        inventory: { packages: seen.packages.filter((_, i) => (n + i) % 7 !== 0) },
      };
      const { status, body } = await ask(page, 'POST', '/assay/v1/scans', scan);
      assert.equal(status, 200, JSON.stringify(body));
      made += body.findings.created ?? 0;
    }
  };
  await Promise.all(Array.from({ length: 4 }, feeder));
  console.log(`# ${made} findings of ${next} resources in ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

before(async () => {
  if (skip) return;
  server = await serve('--write-rate=10000'); // a fleet has many keys
  browser = await browse();
  page = await browser.open(server.url);
  const { url } = await server.admin('sessions', 'link', '--name', 'many', '--role', 'admin');
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await fill();
  const { body } = await ask(page, 'POST', '/assay/v1/findings/counts', { filterCriteria: { findingStatus: [{ comparison: 'EQUALS', value: 'ACTIVE' }] } });
  total = body.counts.total;
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('every page', { skip, timeout: 600_000 }, async (t) => {
  const { body } = await ask(page, 'POST', '/findings/list', { maxResults: 1, sortCriteria: { field: 'SEVERITY', sortOrder: 'DESC' } });
  const [{ findingArn, packageVulnerabilityDetails: { vulnerabilityId } }] = body.findings;
  const bad = [];
  for (const path of ['start', 'summary', 'findings', `findings/${encodeURIComponent(findingArn)}`, 'vulnerabilities', `vulnerabilities/${vulnerabilityId}`,
    'coverage', 'rules', 'exports', 'accounts', 'settings/audit']) {
    const began = Date.now();
    await look(page, `${server.url}/${path}`);
    t.diagnostic(`/${path.slice(0, 20)}: ${Date.now() - began} ms with its settling`);
    bad.push(...(await examine(page)).map((f) => `/${path}: ${f}`));
  }
  assert.deepEqual(bad, []);
});

test('every group, its counts and its next page', { skip, timeout: 600_000 }, async () => {
  await look(page, `${server.url}/findings`);
  assert.equal((await page.getByRole('heading', { name: /^Findings \(/ }).innerText()).replace(/\D/g, ''), String(total));
  const tabs = await page.getByRole('tablist').first().getByRole('tab').allInnerTexts();
  assert.ok(tabs.length >= 6, tabs.join());
  for (const name of tabs) {
    await page.getByRole('tablist').first().getByRole('tab', { name, exact: true }).click();
    await page.waitForTimeout(300); // the rows and buttons of the tab before go
    await still(page);
    await page.getByRole('row').nth(1).waitFor();
    const more = page.getByRole('button', { name: 'Next page' }).first();
    if (await more.count() > 0 && await more.isEnabled()) {
      const first = await page.getByRole('row').nth(1).innerText();
      await more.click();
      await page.waitForFunction((was) => document.querySelectorAll('tbody tr')[0]?.innerText !== was, first, { timeout: 15_000 });
    }
  }
});

// A change is over when the answer is on the screen.
test('twenty changes of the filter', { skip, timeout: 600_000 }, async (t) => {
  const changes = ['Severity = CRITICAL', 'Severity = HIGH', 'Resource type = AWS_LAMBDA_FUNCTION', 'Vulnerability ID = CVE-2021-44906', 'Package name = lodash',
    'Package name ^ lod', 'Fix available = YES', 'Resource ID = i-00000000000000005', 'Severity = LOW', 'Title = nothing of that name'];
  await look(page, `${server.url}/findings`);
  const box = page.getByPlaceholder(/Filter findings/);
  const took = [];
  for (let n = 0; n < 20; n++) {
    await box.fill(changes[n % changes.length]);
    await page.waitForTimeout(300); // suggestions come meanwhile
    const answer = page.waitForResponse((r) => r.url().includes('/assay/v1/findings/view'));
    const began = Date.now();
    await page.keyboard.press('Enter');
    const { ok } = await answer.then((r) => ({ ok: r.ok() }));
    await still(page);
    took.push([Date.now() - began, changes[n % changes.length]]);
    assert.ok(ok, changes[n % changes.length]);
    await page.goto(`${server.url}/findings`);
    await page.getByRole('row').nth(1).waitFor();
  }
  took.sort(([a], [b]) => a - b);
  t.diagnostic(`median ${took[10][0]} ms, slowest ${took[19].join(' ms: ')}, of ${total} findings`);
});
