import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

let browser: Browser;
let installation: Installation;
let officer: SignedIn;
let engineer: SignedIn;

const advisory = {
  id: 'GHSA-2345-6789-cfgh',
  modified: '2026-01-10T00:00:00Z',
  published: '2026-01-09T00:00:00Z',
  aliases: ['CVE-2026-10001'],
  summary: 'Sample parts come apart',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
  affected: [
    {
      package: { ecosystem: 'npm', name: 'sample-parts' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '1.0.0' }, { fixed: '1.2.3' }] }],
    },
  ],
};

/** A lockfile of npm that asks for packages in versions. */
function lockfile(packages: Readonly<Record<string, string>>): string {
  const held = Object.entries(packages).map(([name, version]) => [
    `node_modules/${name}`,
    { version },
  ]);
  const root = { name: 'sample-shop', version: '1.0.0', dependencies: packages };
  return JSON.stringify({
    name: 'sample-shop',
    lockfileVersion: 3,
    packages: { '': root, ...Object.fromEntries(held) },
  });
}

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  officer = await setUp(installation);
  engineer = await register(installation, 'Sato Yui', ['engineer', 'employee']);
  for (const [key, name] of [
    ['shop-en', 'Sample shop'],
    ['shop-ja', 'サンプルショップ'],
  ]) {
    const system = { key, name, ownerId: officer.id, availability: 3 };
    expectOk(await installation.local('POST', '/api/v1/systems', system));
  }
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

/** What axe finds wrong with the page as it is now. */
async function faults(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
}

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(installation.folder, name);
  await writeFile(path, text);
  return path;
}

test('an advisory is taken in by file', { timeout: 180_000 }, async () => {
  const say = saying('en');
  const room = 'registers/advisories';
  const { page, leave, troubles } = await sit(browser, installation.url, { as: officer });
  await page.goto('/console/advisory-imports');
  await page.getByRole('button', { name: say(room, 'takeIn.title') }).click();
  const sheet = page.getByRole('dialog', { name: say(room, 'takeIn.title') });
  await sheet
    .locator('input[type=file]')
    .setInputFiles(await fileOf('advisory.json', JSON.stringify(advisory)));
  expect(await faults(page)).toEqual([]);
  await sheet.getByRole('button', { name: say(room, 'takeIn.verb'), exact: true }).click();
  const details = page.getByRole('dialog', { name: say(room, 'imports.one') });
  await details.getByText(say(room, 'imports.states.done')).waitFor();
  await page.goto('/console/vulnerabilities/CVE-2026-10001');
  await page.getByText('≥ 1.0.0, < 1.2.3').waitFor();
  expect(troubles).toEqual([]);
  await leave();
});

describe.each(['en', 'ja'] as const)(
  'from an audit to the proof that it is fixed, in %s',
  (language) => {
    const say = saying(language);
    const sources = (key: string, params?: Record<string, number>) =>
      say('registers/sources', key, params);
    const backlog = (key: string, params?: Record<string, number | string>) =>
      say('clauses/vulnerabilities', key, params);
    const key = `repo-${language}`;
    const name = `Repository ${language}`;
    let desk: Sitting;
    let bench: Sitting;

    beforeAll(async () => {
      desk = await sit(browser, installation.url, { as: officer, language });
      bench = await sit(browser, installation.url, { as: engineer, language });
    });

    afterAll(async () => {
      expect([...desk.troubles, ...bench.troubles]).toEqual([]);
      await desk?.leave();
      await bench?.leave();
    });

    /** Lays a lockfile before Kept, as somebody records an audit. @returns the sheet */
    async function give(packages: Readonly<Record<string, string>>) {
      const { page } = bench;
      await page.goto(`/console/sources/${key}`);
      await page.getByRole('button', { name: sources('audit.title') }).click();
      const sheet = page.getByRole('dialog', { name: sources('audit.title') });
      const file = await fileOf('package-lock.json', lockfile(packages));
      await sheet.locator('input[type=file]').setInputFiles(file);
      await sheet.getByText('package-lock.json').waitFor();
      await sheet.getByRole('button', { name: sources('audit.verb'), exact: true }).click();
      return sheet;
    }

    async function audit(packages: Readonly<Record<string, string>>): Promise<void> {
      const sheet = await give(packages);
      await sheet.getByRole('status').waitFor();
      await bench.picture(`journey-audit-${language}`);
    }

    test('a source is registered', { timeout: 120_000 }, async () => {
      const { page } = desk;
      await page.goto('/console/sources');
      await page.getByRole('button', { name: sources('add') }).click();
      const form = page.getByRole('dialog', { name: sources('add') });
      await form.getByRole('textbox', { name: sources('name'), exact: true }).fill(name);
      await form.getByRole('textbox', { name: sources('key') }).fill(key);
      await form.getByRole('combobox', { name: sources('asset') }).click();
      await page
        .getByRole('option', { name: language === 'en' ? 'Sample shop' : 'サンプルショップ' })
        .click();
      expect(await faults(page)).toEqual([]);
      await form.getByRole('button', { name: sources('add'), exact: true }).click();
      await form.waitFor({ state: 'hidden' });
      await page.getByRole('row').filter({ hasText: name }).waitFor();
    });

    test('a file that is no inventory is refused, by its name', { timeout: 120_000 }, async () => {
      const { page } = bench;
      await page.goto(`/console/sources/${key}`);
      await page.getByRole('button', { name: sources('audit.title') }).click();
      const sheet = page.getByRole('dialog', { name: sources('audit.title') });
      await sheet
        .locator('input[type=file]')
        .setInputFiles(
          await fileOf('package-lock.json', lockfile({ 'sample-parts': '1.2.0' }).slice(0, 40)),
        );
      await sheet.getByText('package-lock.json').waitFor();
      await sheet.getByRole('button', { name: sources('audit.verb'), exact: true }).click();
      await sheet.getByText(sources('audit.fault')).waitFor();
      expect(await faults(page)).toEqual([]);
    });

    test('its audit puts an item into the backlog, with a deadline', {
      timeout: 120_000,
    }, async () => {
      await audit({ 'sample-parts': '1.2.0', 'sample-frame': '1.0.0' });
      const { page } = bench;
      await page.goto(`/console/backlog?source=${key}`);
      const row = page.getByRole('row').filter({ hasText: 'CVE-2026-10001' });
      await row.getByText('1.2.0 → 1.2.3').waitFor();
      // High by itself, critical where the asset's availability counts most: due within its days.
      await row
        .getByText(backlog('classes.high'))
        .or(row.getByText(backlog('classes.critical')))
        .waitFor();
      await bench.picture(`journey-backlog-${language}`);
      expect(await faults(page)).toEqual([]);
    });

    test('it is assigned, and a decision is asked for', { timeout: 120_000 }, async () => {
      const { page } = bench;
      const row = page.getByRole('row').filter({ hasText: 'CVE-2026-10001' });
      await row.getByRole('checkbox').click();
      const bar = page.getByRole('toolbar');
      await bar.getByRole('button', { name: backlog('acts.assign'), exact: true }).click();
      const form = page.getByRole('dialog', { name: backlog('acts.assign') });
      await form.getByRole('combobox', { name: backlog('assignee') }).fill('Sato');
      await page.getByRole('option', { name: /Sato Yui/ }).click();
      await form.getByRole('button', { name: backlog('acts.assign'), exact: true }).click();
      await row.getByText('Sato Yui').waitFor();
      await row.click();
      await page.getByRole('link', { name: backlog('openPage') }).click();
      await page.getByRole('heading', { level: 1, name: /CVE-2026-10001/ }).waitFor();
      await ask(page);
      await page.getByText(backlog('sentences.asked')).waitFor();
      await bench.picture(`journey-item-${language}`);
      expect(await faults(page)).toEqual([]);
    });

    async function ask(page: Page): Promise<void> {
      await page.getByRole('button', { name: say('ui', 'more') }).click();
      await page.getByRole('menuitem', { name: backlog('acts.ask') }).click();
      const form = page.getByRole('dialog', { name: backlog('acts.ask') });
      await form.getByRole('combobox', { name: backlog('justification') }).click();
      const why = backlog('justifications.vulnerable_code_not_in_execute_path');
      await page.getByRole('option', { name: why }).click();
      await form
        .getByRole('textbox', { name: backlog('reason') })
        .fill('The parts are never assembled.');
      const soon = Temporal.Now.plainDateISO('Asia/Tokyo').add({ days: 30 }).toString();
      await form.getByLabel(backlog('until')).fill(soon);
      expect(await faults(page)).toEqual([]);
      await form.getByRole('button', { name: backlog('acts.ask'), exact: true }).click();
      await form.waitFor({ state: 'hidden' });
    }

    test('somebody else approves it', { timeout: 120_000 }, async () => {
      const { page } = desk;
      await page.goto('/console/backlog-decisions?state=asked');
      await page.getByRole('row').filter({ hasText: 'CVE-2026-10001' }).click();
      const sheet = page.getByRole('dialog', { name: /CVE-2026-10001/ });
      const approve = sheet.getByRole('button', { name: backlog('acts.approve'), exact: true });
      await approve.click();
      await sheet.getByRole('textbox', { name: backlog('note') }).fill('Looked at the call graph.');
      expect(await faults(page)).toEqual([]);
      await approve.click();
      await sheet.waitFor({ state: 'hidden' });
      await page.goto('/console/backlog?tab=board');
      const column = page.getByRole('region', { name: backlog('columns.notAffected') });
      await column.getByRole('link', { name: 'CVE-2026-10001' }).first().waitFor();
      await desk.picture(`journey-board-${language}`);
      expect(await faults(page)).toEqual([]);
    });

    test('the next audit no longer has it: fixed', { timeout: 120_000 }, async () => {
      await audit({ 'sample-frame': '1.0.0' });
      const { page } = bench;
      await page.goto(`/console/backlog?state=fixed&system=shop-${language}`);
      await page.getByRole('row').filter({ hasText: 'CVE-2026-10001' }).click();
      await page.getByRole('link', { name: backlog('openPage') }).click();
      await page.getByText(backlog('sentences.fixed')).waitFor();
      await bench.picture(`journey-fixed-${language}`);
      expect(await faults(page)).toEqual([]);
    });

    test('an audit by which all is gone asks for a word why, and for a second person', {
      timeout: 180_000,
    }, async () => {
      const sheet = await give({});
      const why = sheet.getByRole('textbox', { name: sources('doubt.why') });
      await why.fill('It was taken out of use.');
      await bench.picture(`journey-most-is-gone-${language}`);
      expect(await faults(bench.page)).toEqual([]);
      await sheet.getByRole('button', { name: sources('audit.verb'), exact: true }).click();
      await sheet.getByRole('status').waitFor();
      // Who gave it is told that somebody else confirms it, and has no button for it.
      await bench.page.goto(`/console/sources/${key}`);
      await bench.page.getByText(sources('doubt.ownAudit')).waitFor();
      const verb = { name: sources('doubt.confirm'), exact: true };
      expect(await bench.page.getByRole('button', verb).count()).toBe(0);
      const { page } = desk;
      await page.goto(`/console/sources/${key}`);
      await page.getByText('It was taken out of use.').waitFor();
      await page.getByText('sample-frame').waitFor();
      expect(await faults(page)).toEqual([]);
      await page.getByRole('button', verb).click();
      await page.getByRole('dialog').getByRole('button', verb).click();
      await page.getByText(sources('noComponents')).waitFor();
      await page.getByText(sources('doubt.title')).waitFor({ state: 'hidden' });
    });
  },
);
