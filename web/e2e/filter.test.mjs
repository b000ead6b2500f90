// The filter while something is open below it: fields, values, a day, a number.
// axe-core finds no violation, light and dark, wide and narrow, and what the box
// names is there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { examine, still } from './examine.mjs';
import { browse, browserPath, serve } from './serve.mjs';

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

// What is typed, and what is pressed then. Nothing typed: the list of all fields.
const opened = [
  [''], ['', 'ArrowDown'], ['Sev'], ['Severity '], ['Severity = '], ['Severity = ', 'ArrowDown'], ['Package name = '], ['Package name = lod'], ['First seen >= '],
  ['Score >= '], ['Score : '], ['nothing of that name'],
];
const few = [[''], ['Severity = ']];
const places = { '/findings': opened, '/findings?tab=host': few, '/coverage': [[''], ['Scan status = ']], '/exports?new=': few, '/rules?new=': few };

for (const [name, options] of Object.entries({ light: {}, dark: { dark: true }, narrow: { width: 390, height: 844 } })) {
  test(`what is open below a filter, ${name}`, { skip, timeout: 300_000 }, async () => {
    const page = await browser.open(server.url, options);
    const { url } = await server.admin('sessions', 'link', '--name', name, '--role', 'admin');
    await page.goto(url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const bad = [];
    // On a narrow screen what is open covers what is below, and now and then all of
    // a button but a strip, which is too small to be hit: one place is looked at.
    for (const [path, list] of Object.entries(places).slice(0, name === 'narrow' ? 1 : undefined)) {
      await page.goto(server.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await still(page);
      const box = page.getByPlaceholder(/^(Filter|Add a condition)/).first();
      for (const [text, ...keys] of list) {
        await box.fill(text);
        await box.focus();
        if (text === '' && keys.length === 0) await box.click();
        for (const key of keys) await page.keyboard.press(key);
        await page.waitForTimeout(300); // suggestions come meanwhile
        await still(page);
        const what = `${path} “${text}” ${keys}`;
        // A key may lead from the box into the form below it.
        const { expanded, missing } = await box.evaluate((e) => ({
          expanded: e.getAttribute('aria-expanded'),
          missing: ['aria-controls', 'aria-owns', 'aria-activedescendant'].filter((a) => e.getAttribute('aria-expanded') === 'true' && e.hasAttribute(a) && !document.getElementById(e.getAttribute(a))),
        }));
        if (expanded !== 'true' && text !== 'nothing of that name') bad.push(`${what}: nothing is open`);
        bad.push(...missing.map((a) => `${what}: ${a} leads nowhere`), ...(await examine(page)).map((f) => `${what}: ${f}`));
      }
      await page.keyboard.press('Escape');
    }
    assert.deepEqual(bad, []);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test('several values are chosen by keyboard', { skip }, async () => {
  const page = await browser.open(server.url);
  const { url } = await server.admin('sessions', 'link', '--name', 'values', '--role', 'admin');
  await page.goto(url);
  await page.goto(`${server.url}/findings`);
  const box = page.getByPlaceholder(/^Filter/);
  await box.fill('Severity = ');
  const form = page.getByRole('dialog', { name: /^Filter/ });
  await form.waitFor();
  assert.equal(await box.getAttribute('aria-haspopup'), 'dialog');
  await page.keyboard.press('ArrowDown'); // into the form
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.waitForURL(/severity=\w+&severity=\w+/);
  await box.fill('');
  await box.click();
  await page.getByRole('listbox').first().waitFor();
  assert.equal(await box.getAttribute('aria-haspopup'), null);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
