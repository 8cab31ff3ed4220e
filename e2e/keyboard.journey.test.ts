import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import { expectOk, type Installation, install, type SignedIn, setUp } from './installation.ts';
import { saying } from './say.ts';
import { type Sitting, sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;
let officer: SignedIn;

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  officer = await setUp(installation);
  for (const name of ['Aoki Mei', 'Baba Sora', 'Chiba Ren', 'Date Aoi']) {
    expectOk(await installation.local('POST', '/api/v1/people', { name }));
  }
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

describe.each(['en', 'ja'] as const)('by the keyboard alone, in %s', (language) => {
  const say = saying(language);
  const people = say('registers/people', 'title');
  let desk: Sitting;

  beforeEach(async () => {
    desk = await sit(browser, installation.url, { as: officer, language });
    return async () => {
      expect(desk.troubles).toEqual([]);
      await desk.leave();
    };
  });

  test('a list is walked, opened and closed without a mouse', async () => {
    const { page, picture } = desk;
    await page.goto('/console/people');
    const grid = page.getByRole('grid', { name: people });
    await grid.getByRole('row').filter({ hasText: 'Aoki Mei' }).waitFor();
    const active = () =>
      grid.evaluate(
        (it) =>
          document.getElementById(it.getAttribute('aria-activedescendant') ?? '')?.textContent ??
          '',
      );
    await page.keyboard.press('j');
    expect(await active()).toContain('Aoki Mei');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await active()).toContain('Chiba Ren');
    await page.keyboard.press('k');
    expect(await active()).toContain('Baba Sora');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Baba Sora' }).waitFor();
    await picture('journey-sheet');
    // The address holds what is on screen.
    expect(new URL(page.url()).searchParams.get('open')).toMatch(/^[0-9a-f-]{36}$/);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Baba Sora' }).waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('date');
    await grid.getByRole('row').filter({ hasText: 'Baba Sora' }).waitFor({ state: 'detached' });
    expect(await grid.getByRole('row').filter({ hasText: 'Date Aoi' }).count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: people, level: 1 }).click();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: say('ui', 'keys.title') }).waitFor();
  });

  test('everything is reached by one shortcut', async () => {
    const { page, picture } = desk;
    await page.goto('/console/today');
    await page.getByRole('heading', { name: say('registers/tasks', 'today'), level: 1 }).waitFor();
    await page.keyboard.press('Control+k');
    const search = page
      .getByRole('textbox', { name: say('ui', 'palette.search') })
      .or(page.getByRole('searchbox'))
      .first();
    const typable = search.and(page.locator(':focus'));
    await typable.waitFor();
    await page.keyboard.type(language === 'en' ? 'ledg' : '台帳');
    await picture('journey-palette');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/console\/ledger/);
    // The same key closes one that is still open.
    await search.waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+k');
    await typable.waitFor();
    await page.keyboard.type('chiba');
    await page.getByText(say('web', 'searchIn', { place: people, typed: 'chiba' })).click();
    await page.waitForURL(/\/console\/people\?q=chiba/);
    await page.getByRole('row').filter({ hasText: 'Chiba Ren' }).waitFor();
  });

  test('the way to the content is the first stop, and every page has one heading and a title', async () => {
    const { page } = desk;
    await page.goto('/console/people');
    await page.getByRole('heading', { name: people, level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(say('web', 'skip'));
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    expect(await page.title()).toContain(people);
  });
});
