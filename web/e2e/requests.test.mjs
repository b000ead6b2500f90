// How often each view asks the server. What is asked at the start of the page is
// not counted; neither are files nor the stream of events.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { still } from './examine.mjs';
import { ask, browse, browserPath, serve } from './serve.mjs';

const skip = browserPath() ? false : 'no Chromium is installed';
let server, browser, page;
before(async () => {
  if (skip) return;
  server = await serve();
  browser = await browse();
  await server.scan('source:../examples/source');
  await server.scan('oci:../examples/image');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// signIn returns a page that has begun, of a role.
async function signIn(role, quiet = true) {
  const page = await browser.open(server.url);
  // What changes while the test runs would be asked for again: nothing is told.
  if (quiet) await page.route('**/assay/v1/live', () => undefined);
  const { url } = await server.admin('sessions', 'link', '--name', role, '--role', role);
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

// counted returns what a step asks the server for, until it is still.
async function counted(step) {
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(0, 0);
  page.asked.length = 0;
  await step();
  await page.waitForTimeout(400);
  await still(page);
  await page.waitForTimeout(400);
  return page.asked
    .filter((r) => ['fetch', 'xhr', 'document'].includes(r.resourceType()))
    .map((r) => `${r.method()} ${new URL(r.url()).pathname}`)
    .filter((call) => call !== 'GET /assay/v1/live');
}

const heading = (name) => page.getByRole('heading', { name, level: 1 }).waitFor();
// go goes to a page by its link, as it was never shown before.
const go = (name) => async () => {
  const link = page.getByRole('navigation').getByRole('link', { name, exact: true });
  if (!(await link.isVisible())) await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
  await link.click();
  await heading(name);
};
const tab = (name) => async () => {
  const one = page.getByRole('main').getByRole('tab', { name });
  await one.click();
  await page.getByRole('main').getByRole('tab', { name, selected: true }).waitFor();
};

// The views: what leads to each, after what is before it.
const views = [
  ['Getting started', go('Getting started')],
  ['Summary', go('Summary')],
  ['Findings', go('Findings')],
  ...['By vulnerability', 'By host', 'By image', 'By repository', 'By function', 'By account'].map((name) => [`Findings, ${name}`, tab(name)]),
  ['Findings, All again', tab('All')],
  ['a finding beside the list', async () => {
    await page.getByRole('row').nth(1).getByRole('link').first().click();
    await page.getByRole('tab', { name: 'Overview', exact: true }).waitFor();
  }],
  ...['Score', 'Why', 'JSON', 'Overview'].map((name) => [`a finding beside the list, ${name}`, tab(name)]),
  ['a finding', async () => {
    await page.getByRole('link', { name: 'Open as a page' }).click();
    await page.waitForURL(/\/findings\/arn/);
    await page.getByRole('tab', { name: 'Overview', exact: true }).waitFor();
  }],
  ...['Score', 'Why', 'JSON'].map((name) => [`a finding, ${name}`, tab(name)]),
  ['Vulnerability search', go('Vulnerability search')],
  ['a vulnerability', async () => {
    const box = page.getByRole('main').getByRole('combobox').or(page.getByRole('main').getByRole('textbox')).first();
    const suggested = page.waitForResponse((r) => r.url().includes('/assay/v1/values'));
    await box.fill('CVE-2021-44906');
    await suggested; // while one types, which is not counted
    page.asked.length = 0;
    await page.keyboard.press('Enter');
    await heading('CVE-2021-44906');
  }],
  ['Coverage', go('Coverage')],
  ...[/^Hosts/, /^Container images/, /^CI\/CD images/, /^Image repositories/, /^Functions/, /^Code repositories/].map((name) => [`Coverage, ${name}`, tab(name)]),
  ['a resource', async () => {
    await page.getByRole('row').nth(1).getByRole('link').first().click();
    await page.getByText('Findings of this resource').waitFor();
    assert.match(page.url(), /resourceType=CODE_REPOSITORY&open=/); // the list beside it stays
  }],
  ['Suppression rules', go('Suppression rules')],
  ['Saved views', tab(/^Saved views/)],
  ['Exports', go('Exports')],
  ['an export', async () => {
    await page.getByRole('row').nth(1).getByRole('link').first().click();
    await page.getByText('Report ID').last().waitFor();
  }],
  ['Accounts', go('Accounts')],
  ['Accounts, Organisation', tab('Organisation')],
  ['Accounts, Usage', tab('Usage')],
  ['Registries', go('Registries')],
  ['Functions', go('Functions')],
  ['Functions, Functions', tab('Functions')],
  ['Agents', go('Agents')],
  ['Agents, Enrolment tokens', tab('Enrolment tokens')],
  ['Scanning', go('Scanning')],
  ['Event sinks', go('Event sinks')],
  ['Event sinks, Dead letters', tab('Dead letters')],
  ['Advisory feeds', go('Advisory feeds')],
  ['API keys', go('API keys')],
  ['API keys, sessions', tab(/sessions/i)],
  ['Audit log', go('Audit log')],
  ['a record', async () => {
    await page.getByRole('row').nth(1).getByRole('link').first().click();
    await page.waitForURL(/record=/);
  }],
];

test('one request for a view', { skip, timeout: 300_000 }, async (t) => {
  page = await signIn('admin');
  await ask(page, 'POST', '/reporting/create', { reportFormat: 'CSV', s3Destination: { bucketName: 'assay', kmsKeyArn: '' } });
  await page.goto(`${server.url}/vulnerabilities`); // where nothing but the frame is asked for
  await page.getByRole('heading', { level: 1 }).waitFor();
  const bad = [];
  for (const [name, step] of views) {
    const calls = await counted(step).catch((error) => assert.fail(`${name}: ${error.message}`));
    t.diagnostic(`${name}: ${calls.length === 0 ? 'nothing' : calls.join(', ')}`);
    if (calls.length > 1) bad.push(`${name}: ${calls.join(', ')}`);
  }
  assert.deepEqual(bad, []);
  assert.deepEqual(page.faults, []);
});

// Whoever comes back when what was shown is old asks once too.
test('one request for a view that is shown again', { skip, timeout: 120_000 }, async () => {
  const main = ['Summary', 'Findings', 'Coverage', 'Exports', 'Accounts', 'Scanning'];
  for (const name of main) await go(name)();
  await page.waitForTimeout(10_500); // what is older is asked for again
  for (const name of main) {
    const calls = await counted(go(name));
    assert.ok(calls.length <= 1, `${name}: ${calls.join(', ')}`);
  }
});

test('one request for a view, of a reader', { skip, timeout: 120_000 }, async () => {
  page = await signIn('reader');
  await page.goto(`${server.url}/vulnerabilities`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const name of ['Getting started', 'Accounts', 'Coverage', 'Suppression rules', 'Scanning']) {
    const calls = await counted(go(name));
    assert.ok(calls.length <= 1, `${name}: ${calls.join(', ')}`);
    assert.equal(await page.getByText(/Your role does not allow this/).count(), 0, name);
  }
  assert.deepEqual(page.faults, []);
});

// A view that answers much at once follows what happens all the same.
test('what happens is shown without a step', { skip, timeout: 120_000 }, async () => {
  page = await signIn('admin', false);
  await go('Coverage')();
  const counts = async () => Number((await page.getByRole('tab', { name: /^All/ }).innerText()).replace(/\D/g, ''));
  await still(page);
  const before = await counts();
  const tree = { schema: 'assay.scan/1', target: { name: 'live-host', kind: 'host' }, resource: { type: 'AWS_EC2_INSTANCE', id: 'i-00000000000000abc', name: 'live-host' }, inventory: { packages: [] } };
  const { status, body } = await ask(page, 'POST', '/assay/v1/scans', tree);
  assert.equal(status, 200, JSON.stringify(body));
  for (let n = 0; (await counts()) !== before + 1 && n < 60; n++) await page.waitForTimeout(250);
  assert.equal(await counts(), before + 1);
  await page.getByRole('row').filter({ hasText: 'i-00000000000000abc' }).first().waitFor();
  await go('Getting started')();
  const watched = page.getByText(`${before + 1} resources watched`);
  await watched.waitFor();
  await ask(page, 'POST', '/assay/v1/scans', { ...tree, resource: { ...tree.resource, id: 'i-00000000000000abd' } });
  await page.getByText(`${before + 2} resources watched`).waitFor();
});
