import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import {
  expectOk,
  type Installation,
  install,
  register,
  type SignedIn,
  setUp,
} from './installation.ts';
import { saying } from './say.ts';
import { type Sitting, sit } from './sitting.ts';

/** How the backlog is worked through: its board and groups, vectors of one's own, and the patch policy. */

let browser: Browser;
let installation: Installation;
let officer: SignedIn;
let engineer: SignedIn;

const parts = { en: 'sample-parts', ja: 'sample-buhin' } as const;
const names = { en: 'CVE-2026-20001', ja: 'CVE-2026-20002' } as const;

function advisory(language: 'en' | 'ja') {
  return {
    id: `KEPT-SAMPLE-${language}`,
    modified: '2026-01-10T00:00:00Z',
    published: '2026-01-09T00:00:00Z',
    aliases: [names[language]],
    summary: 'Sample parts come apart',
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [
      {
        package: { ecosystem: 'npm', name: parts[language] },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '1.0.0' }, { fixed: '1.2.3' }] }],
      },
    ],
  };
}

/** A repository for each language, with one package of which something is known. */
async function foundSource(language: 'en' | 'ja', systemId: string): Promise<void> {
  const key = `repo-${language}`;
  const source = { key, name: `Repository ${language}`, kind: 'repository', systemId };
  expectOk(await installation.local('POST', '/api/v1/sources', source));
  const name = parts[language];
  const text = JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { [name]: '^1.0.0' } },
      [`node_modules/${name}`]: { version: '1.2.0' },
    },
  });
  const files = [{ name: 'package-lock.json', text }];
  expectOk(await engineer.browser.post(`/api/v1/sources/${key}/audits`, { files }));
}

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  officer = await setUp(installation);
  engineer = await register(installation, 'Sato Yui', ['engineer', 'employee']);
  const system = { key: 'shop', name: 'Sample shop', ownerId: engineer.id };
  const { body } = expectOk(await installation.local('POST', '/api/v1/systems', system));
  const advisories = JSON.stringify([advisory('en'), advisory('ja')]);
  const desk = await sit(browser, installation.url, { as: officer });
  await desk.page.goto('/console/advisory-imports');
  await desk.page.getByRole('button', { name: say('en', 'takeIn.title') }).click();
  const sheet = desk.page.getByRole('dialog', { name: say('en', 'takeIn.title') });
  const file = { name: 'all.json', mimeType: 'application/json', buffer: Buffer.from(advisories) };
  await sheet.locator('input[type=file]').setInputFiles(file);
  const covers = sheet.getByRole('combobox', { name: say('en', 'takeIn.covers') });
  await covers.fill('npm');
  await covers.press('Enter');
  // What is offered lies over the button until somebody goes on.
  await covers.press('Tab');
  const [taken] = await Promise.all([
    desk.page.waitForRequest(/advisory-imports\/osv/),
    sheet.getByRole('button', { name: say('en', 'takeIn.verb'), exact: true }).click(),
  ]);
  expect(taken.url()).toContain('covers=npm');
  await desk.page.getByText(say('en', 'imports.states.done')).first().waitFor();
  await desk.leave();
  for (const language of ['en', 'ja'] as const) await foundSource(language, String(body['id']));
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

function say(language: 'en' | 'ja', key: string): string {
  return saying(language)('registers/advisories', key);
}

/** What axe finds wrong with the page as it is now. */
async function faults(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
}

describe.each(['en', 'ja'] as const)('the backlog, in %s', (language) => {
  const words = (key: string, params?: Record<string, number | string>) =>
    saying(language)('clauses/vulnerabilities', key, params);
  const name = names[language];
  const title = `${name} · ${parts[language]}`;
  let desk: Sitting;
  let bench: Sitting;

  beforeAll(async () => {
    desk = await sit(browser, installation.url, { as: officer, language, theme: 'dark' });
    bench = await sit(browser, installation.url, { as: engineer, language });
  });

  afterAll(async () => {
    expect([...desk.troubles, ...bench.troubles]).toEqual([]);
    await desk?.leave();
    await bench?.leave();
  });

  test('a card is moved by its menu where a command leads, and never to fixed', {
    timeout: 180_000,
  }, async () => {
    const { page } = bench;
    await page.goto('/console/backlog?tab=board');
    const column = (id: string) => page.getByRole('region', { name: words(`columns.${id}`) });
    const card = (id: string) => column(id).getByRole('article', { name: title });
    const menu = async (id: string) => {
      await card(id)
        .getByRole('button', { name: words('moveOf', { name: title }) })
        .click();
    };
    const to = (id: string) => words('moveTo', { column: words(`columns.${id}`) });
    await menu('open');
    expect(await page.getByRole('menuitem', { name: to('fixed') }).count()).toBe(0);
    await page.getByRole('menuitem', { name: to('working') }).click();
    await card('working').waitFor();
    await bench.picture(`journey-board-working-${language}`);
    expect(await faults(page)).toEqual([]);
    await menu('working');
    await page.getByRole('menuitem', { name: to('open') }).click();
    await card('open').waitFor();
  });

  test('groups say which upgrade clears what, and lead to it', { timeout: 180_000 }, async () => {
    const { page } = bench;
    await page.goto('/console/backlog?tab=groups');
    const row = page.getByRole('row').filter({ hasText: parts[language] });
    await row.getByText('1.2.3').first().waitFor();
    await bench.picture(`journey-groups-${language}`);
    expect(await faults(page)).toEqual([]);
    // The choice itself is hidden behind its label.
    await page.getByText(words('groupings.source'), { exact: true }).click();
    await page.getByRole('link', { name: `Repository ${language}` }).click();
    await page.waitForURL(/source=/);
    await page.getByRole('row').filter({ hasText: name }).waitFor();
  });

  test('a vector that lowers the class waits for somebody else', {
    timeout: 180_000,
  }, async () => {
    const { page } = bench;
    await page.getByRole('row').filter({ hasText: name }).click();
    await page.getByRole('link', { name: words('openPage') }).click();
    await page.getByRole('button', { name: words('vectorGive') }).click();
    await page
      .getByRole('textbox', { name: words('vector') })
      .fill('CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N');
    await page.getByText(words('vectorLowers')).waitFor();
    await page.getByRole('textbox', { name: words('reason') }).fill('Only the build has it.');
    await page.getByRole('button', { name: words('vectorSet'), exact: true }).click();
    await page.getByRole('heading', { name: words('vectorAsked') }).waitFor();
    await desk.page.goto(page.url());
    await desk.page.getByText('Only the build has it.').waitFor();
    await desk.picture(`journey-vector-${language}`);
    expect(await faults(desk.page)).toEqual([]);
    const approve = { name: words('acts.approve'), exact: true };
    await desk.page.getByRole('button', approve).click();
    await desk.page.getByRole('textbox', { name: words('note') }).fill('Seen the same way.');
    expect(await faults(desk.page)).toEqual([]);
    await desk.page.getByRole('button', approve).click();
    await desk.page
      .getByRole('heading', { name: words('vectorAsked') })
      .waitFor({ state: 'hidden' });
    await desk.page.getByText(words('classes.low')).first().waitFor();
  });

  test('a patch policy says beforehand what it changes, and is then in force', {
    timeout: 180_000,
  }, async () => {
    const { page } = desk;
    await page.goto('/console/patch-policy');
    await page.getByRole('button', { name: words('policy.change') }).click();
    const days = page.getByRole('textbox', { name: words('policy.days'), exact: true }).last();
    // Low: of the item whose class was lowered, and of the other language's once it was.
    await days.fill(language === 'en' ? '170' : '160');
    const sooner = (count: number) => page.getByText(words('policy.sooner', { count }));
    await sooner(language === 'en' ? 1 : 2).waitFor();
    await desk.picture(`journey-policy-${language}`);
    expect(await faults(page)).toEqual([]);
    // What no policy may be is said at once, and cannot be sent.
    await days.fill('1');
    const change = page.getByRole('button', { name: words('policy.verb'), exact: true });
    await page.getByRole('alert').waitFor();
    await days.fill(language === 'en' ? '170' : '160');
    await sooner(language === 'en' ? 1 : 2).waitFor();
    await change.click();
    await page.getByText(words('policy.versions')).waitFor();
    await page.getByRole('cell', { name: language === 'en' ? /170/ : /160/ }).waitFor();
    expect(await faults(page)).toEqual([]);
  });
});
