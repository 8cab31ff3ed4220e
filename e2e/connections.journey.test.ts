import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeGraph } from '../src/connectors/entra/fake.ts';
import { startChromium } from './chromium.ts';
import { expectOk, type Installation, install, type SignedIn, setUp } from './installation.ts';
import { saying } from './say.ts';
import { sit } from './sitting.ts';

const credentials = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
  clientSecret: 'sample secret',
};

/** What is connected, once in each language. */
const systems = {
  en: { key: 'entra', name: 'Microsoft Entra ID' },
  ja: { key: 'entra-tokyo', name: 'Example Tokyo' },
} as const;

let browser: Browser;
let installation: Installation;
let officer: SignedIn;
let fake: FakeGraph;

beforeAll(async () => {
  fake = new FakeGraph(credentials);
  await fake.listen();
  fake.directory.putGroup('g1', 'Finance');
  for (let n = 1; n <= 40; n++) {
    fake.directory.putUser(`u${n}`, { upn: `user${n}@example.com`, mfa: n % 7 !== 0 });
    fake.directory.add('g1', `u${n}`);
  }
  fake.forbidden.add('/identity/conditionalAccess');
  const settings = { KEPT_INTERNAL_HOSTS: '127.0.0.1' };
  [browser, installation] = await Promise.all([startChromium(), install('up', settings)]);
  officer = await setUp(installation);
  for (const system of Object.values(systems))
    expectOk(await officer.browser.post('/api/v1/systems', system));
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
  await fake?.close();
});

test.each(['en', 'ja'] as const)(
  'a tenant is connected: pasted, tested, read, and what is missing is said, in %s',
  async (language) => {
    const say = (key: string, params?: Record<string, string | number>) =>
      saying(language)('registers/connections', key, params);
    const permission = 'Policy.Read.All';
    const read = say('runs.done', { pairs: 40, accounts: 40, added: 40, gone: 0 });
    const { page, picture, troubles, leave } = await sit(browser, installation.url, {
      as: officer,
      language,
    });
    const enter = (field: string, text: string) =>
      page.getByLabel(say(`field.entra.${field}`)).fill(text);
    const attempt = () => page.getByRole('button', { name: say('setup.test') }).click();
    await page.goto('/console/connections');
    if (language === 'en') await page.getByText(say('empty.title')).waitFor();
    await page.getByRole('button', { name: say('add') }).click();
    await page.getByRole('radio', { name: say('kinds.entra') }).check();
    await page.getByRole('combobox', { name: say('setup.which') }).click();
    await page.getByRole('option', { name: systems[language].name }).click();
    await enter('tenantId', credentials.tenantId);
    await enter('clientId', credentials.clientId);
    await enter('graphUrl', fake.url);
    await enter('loginUrl', fake.url);
    await enter('clientSecret', 'not the secret');
    await attempt();
    await page.getByText(say('error.signInRefused')).waitFor();
    await enter('clientSecret', credentials.clientSecret);
    await attempt();
    await page.getByText(say('setup.unable', { permission })).waitFor();
    await picture(`connections-tested-${language}`);
    await page.getByRole('button', { name: say('setup.verb') }).click();
    await page.getByText(read).first().waitFor();
    await page.getByText(say('missing.grant', { permission })).waitFor();
    await page.reload();
    await page.getByText(read).first().waitFor();
    await picture(`connections-read-${language}`);
    expect(await page.content()).not.toContain(credentials.clientSecret);
    expect(troubles).toEqual([]);
    await leave();
  },
);

test.each([
  { language: 'en', theme: 'dark', width: 1440 },
  { language: 'ja', theme: 'light', width: 390 },
] as const)('its pages are whole in $language, $theme, at $width px', async (seat) => {
  const { page, picture, troubles, leave } = await sit(browser, installation.url, {
    as: officer,
    ...seat,
  });
  const at = `${seat.language}-${seat.theme}-${seat.width}`;
  await page.goto('/console/connections');
  await page.getByText('Microsoft Entra ID').first().waitFor();
  await picture(`connections-list-${at}`);
  await page.goto('/console/connections/new');
  await page.getByRole('radio', { name: 'Amazon Web Services' }).check();
  await picture(`connections-new-${at}`);
  const { items } = (await officer.browser.get('/api/v1/connections')).body as {
    items: { id: string }[];
  };
  await page.goto(`/console/connections/${items[0]?.id}`);
  await page.getByText(/Policy\.Read\.All/).waitFor();
  await picture(`connections-one-${at}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(wide).toBe(false);
  expect(troubles).toEqual([]);
  await leave();
});
