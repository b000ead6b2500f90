// The way of a new user by keyboard alone, from the first start to a finding that
// is suppressed: nothing is clicked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse, browserPath, serve } from './serve.mjs';

const skip = browserPath() ? false : 'no Chromium is installed';
let server, browser, page;
before(async () => {
  if (skip) return;
  server = await serve();
  browser = await browse();
  page = await browser.open(server.url);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

// reach presses a key until something has the focus, and checks that one can see
// that it has.
async function reach(what, key = 'Tab') {
  await what.first().waitFor();
  for (let n = 0; n < 150; n++) {
    if (await what.first().evaluate((e) => e === document.activeElement || e.contains(document.activeElement))) {
      const box = await page.evaluate(() => {
        const r = document.activeElement.getBoundingClientRect();
        return r.bottom > 0 && r.top < window.innerHeight;
      });
      assert.ok(box, 'what has the focus is out of sight');
      return;
    }
    await page.keyboard.press(key);
  }
  assert.fail(`${what} is not reached with ${key}`);
}

// press reaches something and presses a key on it.
async function press(what, key = 'Enter') {
  await reach(what);
  await page.keyboard.press(key);
}
// cell reaches something in the first row of the table, which is one stop of Tab
// and is walked by arrows.
async function cell(what) {
  await page.getByRole('row').nth(1).getByRole('link').first().waitFor();
  await reach(page.locator('table').last());
  await reach(page.getByRole('row').nth(1), 'ArrowDown');
  await page.keyboard.press('Home');
  await reach(what, 'ArrowRight');
}
const button = (name) => page.getByRole('button', { name, exact: true });
const heading = (name) => page.getByRole('heading', { name, level: 1 });

test('first scan', { skip, timeout: 180_000 }, async () => {
  await page.goto(server.link);
  await heading('Getting started').waitFor();
  await server.scan('source:../examples/source'); // so that there is something to find on any machine
  await press(button('Scan this machine'));
  await page.getByText('See what was found').waitFor({ timeout: 120_000 }); // as large as the machine is
  await press(page.getByRole('link', { name: 'See what was found' }).or(button('See what was found')));
  await heading(/^Findings/).waitFor();
});

test('a finding is read', { skip }, async () => {
  await cell(page.getByRole('row').nth(1).getByRole('link').first());
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'Overview' }).waitFor();
  await reach(page.getByRole('tab', { name: 'Overview' }));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'Score', selected: true }).waitFor();
});

test('the list is filtered', { skip }, async () => {
  await page.goto(`${server.url}/findings`);
  const box = page.getByPlaceholder(/Filter findings/);
  await reach(box);
  await page.keyboard.type('Severity = HIGH');
  await page.keyboard.press('Enter');
  await page.waitForURL(/severity=HIGH/);
});

test('a finding is suppressed', { skip }, async () => {
  await page.goto(`${server.url}/findings`);
  await page.getByRole('row').nth(1).getByRole('link').first().waitFor();
  const title = await page.getByRole('row').nth(1).getByRole('link').first().innerText();
  await cell(page.getByRole('row').nth(1).getByRole('checkbox'));
  await page.keyboard.press('Space');
  await page.evaluate(() => document.activeElement.blur());
  await press(button('Actions'));
  await reach(page.getByRole('menuitem', { name: 'Suppress…' }), 'ArrowDown');
  await page.keyboard.press('Enter');
  await press(page.getByRole('dialog').getByRole('button', { name: 'Suppress', exact: true }));
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.evaluate(() => document.activeElement.blur());
  await reach(button('Active')); // one stop of Tab with the others
  await reach(button('Suppressed'), 'ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('row').filter({ hasText: title }).first().waitFor();
});

test('every page is reached', { skip }, async () => {
  for (const name of ['Summary', 'Vulnerability search', 'Coverage', 'Suppression rules', 'Exports', 'Accounts']) {
    await page.evaluate(() => document.activeElement.blur());
    await press(page.getByRole('navigation').getByRole('link', { name, exact: true }));
    await heading(name).waitFor();
  }
  assert.deepEqual(page.faults, []);
});
