// What the dashboard must not allow, tried through a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, browse, browserPath, serve } from './serve.mjs';

const skip = browserPath() ? false : 'no Chromium is installed';
let server, browser;
before(async () => {
  if (skip) return;
  server = await serve();
  browser = await browse();
  await server.scan('source:../examples/source');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// signedIn returns a page of who has a key, signed in with it by hand.
async function signedIn(id, secret) {
  const page = await browser.open(server.url);
  await page.goto(`${server.url}/signin`);
  await page.getByLabel('Access key ID').fill(id);
  await page.getByLabel('Secret access key').fill(secret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'Sign in' }).waitFor();
  return page;
}

test('a wrong secret is told, and is in no address', { skip }, async () => {
  const page = await browser.open(server.url);
  await page.goto(`${server.url}/findings`);
  await page.waitForURL(/\/signin/);
  await page.getByLabel('Access key ID').fill(server.key);
  await page.getByLabel('Secret access key').fill('not the secret of this key');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('Wrong key or secret').waitFor();
  assert.ok(!page.url().includes('secret'), page.url());
});

test('the cookie is kept from scripts and other sites', { skip }, async () => {
  const page = await signedIn(server.key, server.secret);
  const [cookie] = (await page.context().cookies()).filter((c) => c.name === 'assay_session');
  assert.deepEqual({ httpOnly: cookie.httpOnly, sameSite: cookie.sameSite }, { httpOnly: true, sameSite: 'Strict' });
  assert.equal(await page.evaluate(() => document.cookie), '');
  const response = await page.goto(`${server.url}/findings`);
  const policy = response.headers()['content-security-policy'];
  assert.ok(policy.includes("default-src 'none'") && !policy.includes('unsafe'), policy);
  // What another page could have the browser send: no header of ours, or a foreign origin.
  const plain = await page.evaluate(async () => (await fetch('/findings/list', { method: 'POST', body: '{}' })).status);
  assert.equal(plain, 403);
  const cookies = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join('; ');
  const foreign = await fetch(`${server.url}/filters/create`, {
    method: 'POST', body: '{}', headers: { Cookie: cookies, Origin: 'https://evil.example', 'X-Assay-Page': '1', 'Content-Type': 'application/json' },
  });
  assert.equal(foreign.status, 403);
});

test('a reader sees, and changes nothing', { skip }, async () => {
  const key = await server.admin('keys', 'create', '--name', 'Rita', '--role', 'reader');
  const page = await signedIn(key.id, key.secret);
  await page.goto(`${server.url}/findings`);
  await page.getByRole('row').nth(1).waitFor();
  for (const [path, name] of [
    ['/rules', /^create /i], ['/exports', /^(create|new) /i], ['/start', /scan this machine|make a token/i], ['/settings/registries', /^add /i], ['/settings/keys', /^create /i],
  ]) {
    await page.goto(server.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(700);
    assert.equal(await page.getByRole('button', { name }).count(), 0, path);
  }
  for (const [path, body] of [
    ['/filters/create', { name: 'x', action: 'SUPPRESS', filterCriteria: {} }], ['/assay/v1/registries', {}], ['/assay/v1/keys', { name: 'x', role: 'admin' }],
    ['/assay/v1/scans/this-machine', {}], ['/enable', { resourceTypes: ['ECR'] }], ['/reporting/create', {}],
  ]) {
    const { status, body: told } = await ask(page, 'POST', path, body);
    assert.equal(status, 403, `${path}: ${JSON.stringify(told)}`);
  }
});

test('a member sees its own account alone', { skip }, async () => {
  const member = await server.admin('accounts', 'create', '--name', 'member');
  const key = await server.admin('keys', 'create', '--name', 'Max', '--role', 'admin', '--account', member.id);
  const page = await signedIn(key.id, key.secret);
  assert.ok((await ask(page, 'POST', '/assay/v1/findings/view', {})).body.findings.length === 0);
  const mine = await signedIn(server.key, server.secret);
  const { body } = await ask(mine, 'POST', '/findings/list', {});
  assert.ok(body.findings.length > 0);
  const arn = encodeURIComponent(body.findings[0].findingArn);
  for (const [method, path, empty] of [
    ['GET', `/assay/v1/findings/why?arn=${arn}`], ['GET', '/assay/v1/summary', (b) => (b.findings.CRITICAL ?? 0) + (b.findings.HIGH ?? 0) === 0],
    ['GET', '/assay/v1/accounts', (b) => b.accounts.length === 1], ['GET', '/assay/v1/audit', (b) => b.Records.every((r) => JSON.stringify(r).includes(member.id))],
    ['GET', '/assay/v1/jobs'],
  ]) {
    const { status, body } = await ask(page, method, path);
    assert.ok(empty ? status === 200 && empty(body) : status >= 400 && status < 500, `${path}: ${status} ${JSON.stringify(body)?.slice(0, 300)}`);
  }
  await page.goto(`${server.url}/findings/${arn}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForTimeout(700);
  assert.ok(!(await page.locator('body').innerText()).includes(body.findings[0].title));
});

test('a session that was ended shows the sign-in page, and comes back where it was', { skip }, async () => {
  const page = await signedIn(server.key, server.secret);
  await page.goto(`${server.url}/coverage`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  assert.equal((await ask(page, 'DELETE', '/assay/v1/session')).status, 200);
  await page.reload();
  await page.waitForURL(/\/signin\?/);
  await page.getByLabel('Access key ID').fill(server.key);
  await page.getByLabel('Secret access key').fill(server.secret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(/\/coverage/);
});
