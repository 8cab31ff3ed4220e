import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import { expectOk, type Installation, install } from './installation.ts';
import { asRole, become, type Persona, personaWith } from './personas.ts';
import { type Sitting, sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;
let asker: Persona;
let sitting: Sitting;

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install('demo')]);
  asker = await personaWith(installation, 'support');
  sitting = await sit(browser, installation.url);
}, 300_000);

afterAll(async () => {
  await sitting?.leave();
  await browser?.close();
  await installation?.end();
});

const purpose = 'Answering a customer about a fault in a release';

/** What axe finds wrong with the page as it is now. */
async function faults(): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page: sitting.page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
}

test('access is asked for where one sees what one holds', { timeout: 120_000 }, async () => {
  const { page } = sitting;
  await become(page, asker);
  await page.goto('/console/my-access');
  await page.getByRole('button', { name: 'Request access' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: /Role or entitlement/ }).fill('maintain');
  await page.getByRole('option', { name: 'maintainer · GitHub' }).click();
  await dialog.getByLabel(/Purpose/).fill(purpose);
  expect(await faults()).toEqual([]);
  await sitting.picture('ask-access');
  await dialog.getByRole('button', { name: 'Send the request' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('tab', { name: 'What I asked for' }).click();
  await page.getByRole('row', { name: /maintainer.*GitHub.*Open/ }).waitFor();
});

test('nobody decides on their own; somebody who answers for it approves', {
  timeout: 120_000,
}, async () => {
  const { page } = sitting;
  const own = expectOk(
    await asRole(
      installation,
      'support',
      'GET',
      '/api/v1/access-requests?own=true&state=open&sort=-askedAt',
    ),
  );
  const [request] = own.body['items'] as { id: string; purpose: string }[];
  expect(request?.purpose).toBe(purpose);
  const refused = await asRole(
    installation,
    'support',
    'POST',
    '/api/v1/access-requests/decisions',
    {
      ids: [request?.id],
      decision: 'approve',
    },
  );
  expect(refused).toMatchObject({ status: 422, body: { code: 'ownRequest' } });

  await page.context().clearCookies();
  await become(page, await personaWith(installation, 'security-officer'));
  await page.goto(`/console/access-requests?mine=true&q=${encodeURIComponent('maintainer')}`);
  await page
    .getByRole('row', { name: /maintainer/ })
    .getByRole('checkbox')
    .click();
  await page.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve 1 request?' });
  await dialog.waitFor();
  expect(await faults()).toEqual([]);
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('1 request approved.').waitFor();

  await page.context().clearCookies();
  await become(page, asker);
  await page.goto('/console/my-access?q=maintainer');
  await page.getByRole('row', { name: /maintainer.*Granted, not seen yet/ }).waitFor();
});

test('with its day it ends by itself, and is ordered to go', { timeout: 180_000 }, async () => {
  const { page } = sitting;
  const held = expectOk(
    await asRole(installation, 'support', 'GET', '/api/v1/my-access?q=maintainer'),
  );
  const [access] = held.body['items'] as { account: string }[];
  // Nobody can wait for the day here: the same grant is brought again, with an end that has passed.
  expectOk(
    await asRole(installation, 'security-officer', 'POST', '/api/v1/systems/github/grants/import', {
      text: `account,entitlement,purpose,end date\n${access?.account},maintainer,${purpose},2026-01-31\n`,
    }),
  );
  await expect
    .poll(
      async () => {
        const { body } = await asRole(
          installation,
          'security-officer',
          'GET',
          '/api/v1/revoke-orders?origin=expiry&state=ordered&q=maintainer',
        );
        return (body['items'] as { account: string }[] | undefined)?.map(({ account }) => account);
      },
      { timeout: 120_000, interval: 1000 },
    )
    .toContain(access?.account);
  await page.goto('/console/my-access?q=maintainer');
  await page.getByText('Nothing', { exact: false }).first().waitFor();
  expect(await page.getByRole('row', { name: /maintainer/ }).count()).toBe(0);
  expect(sitting.troubles).toEqual([]);
});
