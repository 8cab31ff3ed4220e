import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FakeGraph } from '../src/connectors/entra/fake.ts';
import { startChromium } from './chromium.ts';
import { expectOk, type Installation, install, type SignedIn, setUp } from './installation.ts';
import { sit } from './sitting.ts';

const credentials = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
  clientSecret: 'sample secret',
};

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
  const system = { key: 'entra', name: 'Microsoft Entra ID' };
  expectOk(await officer.browser.post('/api/v1/systems', system));
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
  await fake?.close();
});

test('a tenant is connected: pasted, tested, read, and what is missing is said', async () => {
  const { page, picture, troubles, leave } = await sit(browser, installation.url, { as: officer });
  await page.goto('/console/connections');
  await page.getByText('No connections yet').waitFor();
  await page.getByRole('button', { name: 'Connect a system' }).click();
  await page.getByRole('radio', { name: 'Microsoft Entra ID' }).check();
  await page.getByRole('combobox', { name: /Which system/ }).click();
  await page.getByRole('option', { name: 'Microsoft Entra ID' }).click();
  await page.getByLabel(/Directory \(tenant\) ID/).fill(credentials.tenantId);
  await page.getByLabel(/Application \(client\) ID/).fill(credentials.clientId);
  await page.getByLabel(/Address of Microsoft Graph/).fill(fake.url);
  await page.getByLabel(/Address of the sign-in authority/).fill(fake.url);
  await page.getByLabel(/Client secret/).fill('not the secret');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByText('The source refused the credentials. Enter a new secret.').waitFor();
  await page.getByLabel(/Client secret/).fill(credentials.clientSecret);
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByText('cannot be read: grant Policy.Read.All').waitFor();
  await picture('connections-tested');
  await page.getByRole('button', { name: 'Connect and read' }).click();
  await page
    .getByText(/40 accesses of 40 accounts/)
    .first()
    .waitFor();
  await page.getByText('Grant Policy.Read.All').waitFor();
  await page.reload();
  await page
    .getByText(/40 accesses of 40 accounts/)
    .first()
    .waitFor();
  await picture('connections-read');
  expect(await page.content()).not.toContain(credentials.clientSecret);
  expect(troubles).toEqual([]);
  await leave();
});

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
