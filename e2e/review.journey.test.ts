import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import {
  expectOk,
  type Installation,
  install,
  register,
  type SignedIn,
  setUp,
} from './installation.ts';
import { type Sitting, sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;
let owner: SignedIn;
let second: SignedIn;
let desk: Sitting;

/** Six people with two accesses each; the first is the owner of the system. */
const accounts = ['ren', 'aoi', 'hana', 'kaito', 'mei', 'sora'].map(
  (name) => `${name}@example.com`,
);
const pairs = accounts.flatMap((account) => [`${account} reader`, `${account} editor`]);
const revoked = ['sora@example.com reader', 'sora@example.com editor'];

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  owner = await setUp(installation);
  second = await register(installation, 'Sato Yui', ['security-officer', 'employee']);
  expectOk(
    await installation.local('POST', '/api/v1/systems', {
      key: 'wiki',
      name: 'Wiki',
      ownerId: owner.id,
    }),
  );
  desk = await sit(browser, installation.url, { as: owner });
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

/** Brings a file to the page that records a reading, looks at what it changes, records it. */
async function read(name: string, lines: readonly string[]): Promise<void> {
  const { page } = desk;
  const file = join(installation.folder, name);
  await writeFile(file, `${lines.join('\n')}\n`);
  await page.goto('/console/systems/wiki/read');
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: 'See what it changes' }).click();
  await desk.picture(`journey-${name}`);
  await page.getByRole('button', { name: 'Record' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: `Recorded ${lines.length} accesses` })
    .waitFor();
}

test('a file of access is recorded and a review of it opened', async () => {
  const { page } = desk;
  await read('first.txt', pairs);
  await page.goto('/console/reviews');
  await page.getByRole('button', { name: 'Open a review' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Review' }).fill('Spring cleaning');
  await dialog.getByLabel('Hours until revoked access must be gone').fill('0');
  await desk.picture('journey-open-review');
  await dialog.getByRole('button', { name: 'Open a review' }).click();
  await page.getByRole('heading', { name: 'Spring cleaning', level: 1 }).waitFor();
});

test('accesses are revoked and kept in bulk, one’s own are for somebody else', async () => {
  const { page } = desk;
  const grid = page.getByRole('grid', { name: 'Items' });
  await grid.getByRole('row').filter({ hasText: 'Yourself' }).first().waitFor();
  await desk.picture('journey-items');
  const own = grid.getByRole('row').filter({ hasText: 'Yourself' });
  expect(await own.count()).toBe(2);
  for (const row of await own.all())
    expect(await row.getByRole('checkbox').isDisabled()).toBe(true);

  for (const row of await grid.getByRole('row').filter({ hasText: 'sora@' }).all()) {
    await row.getByRole('checkbox').click();
  }
  const bulk = page.getByRole('toolbar', { name: 'Selected rows' });
  await bulk.getByText('2 selected').waitFor();
  await bulk.getByRole('button', { name: 'Revoke' }).click();
  const dialog = page.getByRole('dialog', { name: 'Revoke 2 accesses?' });
  expect(await dialog.getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Reason').fill('Moved to another team');
  await desk.picture('journey-revoke');
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('2 items decided.').waitFor();

  await keepTheRest(page);
  await desk.picture('journey-decided');
  await ownIsRefused();
});

/** All that are left, by the filter and in one act; what is one's own stays behind. */
async function keepTheRest(page: Page): Promise<void> {
  await page.goto(`${page.url().split('?')[0]}?undecided=true`);
  const bulk = page.getByRole('toolbar', { name: 'Selected rows' });
  const grid = page.getByRole('grid', { name: 'Items' });
  await grid.getByRole('row').filter({ hasText: 'aoi@' }).first().getByRole('checkbox').click();
  await bulk.getByRole('button', { name: 'Select all 10' }).click();
  await bulk.getByRole('button', { name: 'Keep' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
  await page.getByText('8 items decided. 2 are your own access and were left out.').waitFor();
}

async function ownIsRefused(): Promise<void> {
  const campaign = new URL(desk.page.url()).pathname.split('/').at(-1);
  const path = `/api/v1/campaigns/${campaign}`;
  const left = expectOk(await owner.browser.get(`${path}/items?undecided=true`)).body['items'] as {
    no: number;
  }[];
  const nos = left.map(({ no }) => no);
  expect(nos).toHaveLength(2);
  const refused = await owner.browser.post(`${path}/decisions`, {
    decision: 'keep',
    selection: { nos },
  });
  expect([refused.status, refused.body['code']]).toEqual([422, 'ownReview']);
  const decided = await second.browser.post(`${path}/decisions`, {
    decision: 'keep',
    selection: { nos },
  });
  expect(expectOk(decided).body).toMatchObject({ count: 2, undecided: 0 });
}

test('an order is proven by a later reading, and by nothing else', async () => {
  const { page } = desk;
  await page.goto('/console/revoke-orders');
  const orders = page.getByRole('grid').getByRole('row').filter({ hasText: 'sora@' });
  await orders.filter({ hasText: 'Overdue, not proven' }).first().waitFor();
  expect(await orders.filter({ hasText: 'Overdue, not proven' }).count()).toBe(2);
  await desk.picture('journey-orders');
  await read(
    'without.txt',
    pairs.filter((pair) => !revoked.includes(pair)),
  );
  await page.goto('/console/revoke-orders');
  await orders.filter({ hasText: 'Proven gone' }).nth(1).waitFor();
});

test('the promise shows what upholds it, and an entry behind it is verified in the browser', async () => {
  const { page } = desk;
  await page.goto('/console/policy?promise=ACC-6');
  const sheet = page.getByRole('dialog', { name: 'ACC-6' });
  await sheet.getByText('Everything that upholds this promise holds.').waitFor();
  await sheet.getByText('2 items, the whole population').waitFor();
  await desk.picture('journey-evidence');
  await page.goto('/console/policy?promise=ACC-5');
  await page.getByRole('dialog', { name: 'ACC-5' }).getByText('Refused attempts').waitFor();
  await desk.picture('journey-evidence-acc-5');
  await page.getByRole('link', { name: 'Verify and download proof' }).first().click();
  await page.getByRole('button', { name: 'Verify here' }).click();
  await page.getByText('The entry’s bytes are the leaf that the proof starts from.').waitFor();
  await page.getByText('The proof leads to the root in the signed checkpoint.').waitFor();
  await page.getByText('A key of this ledger signed the checkpoint.').waitFor();
  await desk.picture('journey-verified');
  expect(desk.troubles).toEqual([]);
});
