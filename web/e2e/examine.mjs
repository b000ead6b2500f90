// What all tests of whole pages look at.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// still waits until nothing on a page waits any more.
export const still = (page) => page.waitForFunction(
  () => !document.querySelector('[class*="awsui_spinner"], [class*="status-loading"]'), undefined, { timeout: 15_000 });

// look opens a page and waits until it is still.
export async function look(page, url) {
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await still(page);
  await page.waitForTimeout(300);
}

// examine returns what axe-core finds, and whether the page is too wide. The
// policy of the page forbids scripts that are written into it: axe-core is run
// by the browser itself.
export async function examine(page) {
  const { result } = await page.context().newCDPSession(page).then((c) => c.send('Runtime.evaluate', {
    expression: `${axe}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
      .then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', '))))`,
    awaitPromise: true, returnByValue: true,
  }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return [...JSON.parse(result.value), ...(wide > 1 ? [`${wide} px too wide`] : [])];
}
