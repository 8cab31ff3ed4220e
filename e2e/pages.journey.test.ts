import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pages } from '../src/web/pages.ts';
import { startChromium } from './chromium.ts';
import { everyPlace, type Place } from './every-page.ts';
import { type Installation, install } from './installation.ts';
import { become, personaWith } from './personas.ts';
import { type Sitting, sit } from './sitting.ts';

type Language = 'en' | 'ja';

let browser: Browser;
let installation: Installation;
let inside: readonly Place[];

/** Open to everybody, and looked at by somebody who is not signed in. */
const outside: readonly Place[] = [
  { name: 'public', path: '/' },
  { name: 'public-promise', path: '/promises/CUS-3' },
  { name: 'public-versions', path: '/versions' },
  { name: 'public-version', path: '/versions/1' },
  { name: 'public-contact', path: '/contact' },
  { name: 'sign-in', path: '/sign-in' },
  { name: 'invite-gone', path: '/invite#nothing' },
  { name: 'set-up-over', path: '/setup' },
];

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
/** Looked at by so many at once. */
const walkers = 2;

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install('demo')]);
  const paths = pages.map(({ path }) => path);
  inside = await everyPlace(installation, paths);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

for (const language of ['en', 'ja'] as const) {
  test(`every page is fit for those who cannot see or point, and for a phone, in ${language}`, {
    timeout: 420_000,
  }, async () => {
    expect(inside.length).toBeGreaterThan(20);
    const places = [...outside, ...inside];
    const officer = await personaWith(installation, 'security-officer');
    const walk = async (): Promise<string[]> => {
      const sitting = await sit(browser, installation.url, { language, ...desk });
      const found: string[] = [];
      let isIn = false;
      for (let place = places.shift(); place; place = places.shift()) {
        if (!isIn && inside.includes(place)) {
          await become(sitting.page, officer);
          isIn = true;
        }
        found.push(...(await faultsOf(sitting, place, language)));
      }
      await sitting.leave();
      return [...found, ...sitting.troubles];
    };
    const found = await Promise.all(Array.from({ length: walkers }, walk));
    expect(found.flat()).toEqual([]);
  });
}

async function faultsOf(
  { page, picture }: Sitting,
  { name, path }: Place,
  language: Language,
): Promise<string[]> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  // A page that asks again and again is looked at all the same.
  await page.waitForLoadState('networkidle', { timeout: 15_000 }).catch(() => undefined);
  const found = await violations(page, `${path} ${language}`);
  await picture(`${name}-${language}-light`);
  await wear(page, 'dark');
  // What differs in the dark is colours, and they do not depend on the language.
  if (language === 'en')
    found.push(...(await violations(page, `${path} dark`, ['color-contrast'])));
  await picture(`${name}-${language}-dark`);
  await wear(page, 'light');
  await page.setViewportSize(phone);
  await picture(`${name}-${language}-phone`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (over > 0) found.push(`${path} ${language}: ${over} px wider than a phone`);
  await page.setViewportSize(desk);
  return found;
}

/** The console follows the wish of the browser a moment later; half changed, its colours clash. */
async function wear(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.waitForFunction((wanted) => {
    const worn = document.documentElement.dataset['mantineColorScheme'];
    const still = document.getAnimations().every(({ playState }) => playState === 'finished');
    return (worn === undefined || worn === wanted) && still;
  }, colorScheme);
}

/** What axe calls serious or critical, with the first elements that it names. */
async function violations(page: Page, where: string, rules?: string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page }).setLegacyMode();
  if (rules) builder.withRules(rules);
  const { violations: found } = await builder.analyze();
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => {
      const elements = nodes.slice(0, 3).map(({ target, failureSummary = '' }) => {
        const why = failureSummary.split('\n')[1]?.trim() ?? '';
        return `${target.join(' ')} (${why})`;
      });
      return `${where}: ${id} ${elements.join('; ')}`;
    });
}
