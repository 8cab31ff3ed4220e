import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pages } from '../src/web/pages.ts';
import { startChromium } from './chromium.ts';
import { everyPlace, type Place } from './every-page.ts';
import { type Installation, install } from './installation.ts';
import { become, personaWith } from './personas.ts';
import { type Sitting, sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;
let places: readonly Place[];

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install('demo')]);
  places = await everyPlace(
    installation,
    pages.map(({ path }) => path),
  );
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

/** Open to everybody, and to be looked at by somebody who is not signed in. */
const outside: readonly Place[] = [
  { name: 'public', path: '/' },
  { name: 'public-versions', path: '/versions' },
  { name: 'public-version', path: '/versions/1' },
  { name: 'public-contact', path: '/contact' },
  { name: 'sign-in', path: '/sign-in' },
  { name: 'invite-gone', path: '/invite#nothing' },
  { name: 'set-up-over', path: '/setup' },
];

for (const language of ['en', 'ja'] as const) {
  test(`no page has a serious fault for those who cannot see or point, in ${language}, light and dark`, {
    timeout: 300_000,
  }, async () => {
    const faults: string[] = [];
    const sitting = await sit(browser, installation.url, { language });
    for (const place of outside) faults.push(...(await faultsOf(sitting, place, language)));
    await become(sitting.page, await personaWith(installation, 'security-officer'));
    for (const place of places) faults.push(...(await faultsOf(sitting, place, language)));
    expect(faults).toEqual([]);
    expect(sitting.troubles).toEqual([]);
    await sitting.leave();
  });
}

async function faultsOf(
  sitting: Sitting,
  { name, path }: Place,
  language: string,
): Promise<string[]> {
  const { page } = sitting;
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page, path);
  const found = await violations(page, `${path} light`);
  await sitting.picture(`${name}-${language}-light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  // What differs in the dark is colours.
  found.push(...(await violations(page, `${path} dark`, ['color-contrast'])));
  await sitting.picture(`${name}-${language}-dark`);
  return found;
}

/** Opens a page and waits until it shows what it has. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForLoadState('networkidle');
}

async function violations(page: Page, where: string, rules?: readonly string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page }).setLegacyMode();
  if (rules) builder.withRules([...rules]);
  const found = await builder.analyze();
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${where}: ${id} ${nodes
          .map(
            ({ target, failureSummary }) =>
              `${target.join(' ')} (${(failureSummary ?? '').split('\n')[1]?.trim()})`,
          )
          .slice(0, 3)
          .join('; ')}`,
    );
}

test('no page is wider than a phone', { timeout: 200_000 }, async () => {
  const sitting = await sit(browser, installation.url, { width: 390, height: 844 });
  const { page } = sitting;
  const wide: string[] = [];
  const look = async ({ name, path }: Place): Promise<void> => {
    await open(page, path);
    await sitting.picture(`${name}-phone`);
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    if (over > 0) wide.push(`${path}: ${over} px`);
  };
  for (const place of outside) await look(place);
  await become(page, await personaWith(installation, 'security-officer'));
  for (const place of places) await look(place);
  expect(wide).toEqual([]);
  expect(sitting.troubles).toEqual([]);
  await sitting.leave();
});
