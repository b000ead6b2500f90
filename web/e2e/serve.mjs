// Starts what the tests of the dashboard look at: a real server with an empty
// database, and a real browser.
import { spawn, execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);
export const assay = resolve(process.env.ASSAY_BINARY ?? '../build/assay');
export const pictures = process.env.ASSAY_PICTURES; // the folder for screenshots; unset: none are made

// browserPath returns the Chromium of the system.
export function browserPath() {
  return [process.env.ASSAY_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p));
}

// serve starts a server on a free port. Its settings are arguments of "assay serve".
export async function serve(...settings) {
  const data = mkdtempSync(join(tmpdir(), 'assay-page-'));
  const child = spawn(assay, ['serve', '--data', data, '--listen', '127.0.0.1:0', ...settings], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const find = (pattern) => said.match(pattern)?.[1];
  const url = await new Promise((done, fail) => {
    const look = (part) => {
      said += part;
      const at = find(/msg=serving url=(\S+)/);
      if (at) done(at);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}:\n${said}`)));
  });
  const server = {
    url, data,
    account: find(/account +(\d{12})/),
    key: find(/access key +(\S+)/),
    secret: find(/secret access key +(\S+)/),
    link: find(/sign in once at +(\S+)/),
    log: () => said,
    // command runs assay with the first access key.
    async command(...args) {
      const { stdout } = await run(assay, args, {
        env: { PATH: process.env.PATH, HOME: data, ASSAY_SERVER: url, AWS_ACCESS_KEY_ID: server.key, AWS_SECRET_ACCESS_KEY: server.secret, AWS_REGION: 'us-east-1' },
        maxBuffer: 64 << 20,
      });
      return stdout;
    },
    admin: async (...args) => JSON.parse(await server.command('admin', ...args, '--json')),
    // scan hands in a scan; that vulnerabilities are found is no failure.
    scan: (...args) => server.command('scan', ...args, '--server', url, '-o', 'json').catch((e) => {
      if (!e.stdout) throw e;
      return e.stdout;
    }),
    async stop() {
      child.removeAllListeners('exit');
      const gone = new Promise((done) => child.on('exit', done));
      child.kill('SIGINT');
      await gone;
      rmSync(data, { recursive: true, force: true });
    },
  };
  return server;
}

// browse starts a browser. What a page logs as an error, and what it asks of
// another origin, is kept.
export async function browse() {
  const browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
  return {
    // open returns a new page that shares nothing with others.
    async open(origin, { width = 1280, height = 900, dark = false } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce', acceptDownloads: true });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      page.faults = [];
      page.asked = [];
      page.on('console', (m) => m.type() === 'error' && page.faults.push(m.text()));
      page.on('pageerror', (e) => page.faults.push(String(e)));
      page.on('request', (r) => {
        page.asked.push(r);
        const at = new URL(r.url());
        if (at.origin !== origin && at.protocol !== 'data:' && at.protocol !== 'blob:') page.faults.push(`asked ${r.url()}`);
      });
      return page;
    },
    close: () => browser.close(),
  };
}

// ask makes a call of the API as the page does, in the page's session.
export const ask = (page, method, path, body, headers = {}) => page.evaluate(
  async ([method, path, body, headers]) => {
    const r = await fetch(path, { method, headers: { 'Content-Type': 'application/json', 'X-Assay-Page': '1', ...headers }, body: body && JSON.stringify(body) });
    return { status: r.status, body: await r.json().catch(() => undefined) };
  },
  [method, path, body, headers],
);

// picture keeps a screenshot, when asked for, under a name.
export async function picture(page, name) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: false });
}
