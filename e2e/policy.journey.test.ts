import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import { type Installation, install, register, type SignedIn, setUp } from './installation.ts';
import { sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;
let officer: SignedIn;
let second: SignedIn;

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  officer = await setUp(installation);
  second = await register(installation, 'Sato Yui', ['commercial-officer', 'employee']);
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

const sentence = 'Visitors are met at the door, always.';

test('a clause is edited and proposed, and whoever wrote it cannot approve it', async () => {
  const { page, picture, troubles, leave } = await sit(browser, installation.url, { as: officer });
  await page.goto('/console/policy/edit');
  await page.getByRole('button', { name: 'Begin from the version in force' }).click();
  await page
    .getByRole('navigation', { name: 'Clauses' })
    .getByRole('button', { name: 'Office security' })
    .first()
    .click();
  const text = page.getByRole('textbox', { name: 'Text in English' });
  await text.fill(`${await text.inputValue()}\n\n${sentence}\n`);
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.getByText(sentence).last().waitFor();
  await picture('journey-edit');
  await page.getByRole('button', { name: 'Propose' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What changed, in English').fill('Visitors are met at the door.');
  await dialog.getByRole('button', { name: 'Propose' }).click();
  await page.getByText('You had a hand in this version').waitFor();
  expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
  await picture('journey-proposed');
  expect(troubles).toEqual([]);
  await leave();
  // Nor can they by the API: the guard refuses, and says so in the ledger.
  const drafts = (await officer.browser.get('/api/v1/policy/versions')).body['items'] as {
    id: string;
    state: string;
  }[];
  const id = drafts.find(({ state }) => state === 'proposed')?.id;
  const { body } = await officer.browser.get(`/api/v1/policy/drafts/${id}/approval`);
  const own = await officer.browser.post(`/api/v1/policy/drafts/${id}/approval`, {
    digest: body['digest'],
    ask: { kind: 'everyone' },
    removedPromises: [],
  });
  expect([own.status, own.body['code']]).toEqual([422, 'authorApproves']);
});

test('a second person approves it, and the public page says it', async () => {
  const reader = await sit(browser, installation.url);
  await reader.page.goto('/');
  expect(await reader.page.getByText(sentence).count()).toBe(0);

  const { page, picture, troubles, leave } = await sit(browser, installation.url, { as: second });
  await page.goto('/console/policy/edit');
  await page.getByText(sentence).first().waitFor();
  await picture('journey-approve');
  await page.getByRole('radio', { name: 'Everyone on the staff' }).check();
  await page.getByText(/people are asked/).waitFor();
  await page.getByRole('button', { name: 'Approve version 2' }).click();
  await page.getByText('Nobody is working on a version').waitFor();
  expect(troubles).toEqual([]);
  await leave();

  await reader.page.reload();
  await reader.page.getByText(sentence).waitFor();
  await reader.page.getByText('Version 2').first().waitFor();
  await reader.picture('journey-public');
  await reader.page.goto('/versions');
  await reader.page.getByText('Visitors are met at the door.').waitFor();
  expect(reader.troubles).toEqual([]);
  await reader.leave();
});

test('who is asked finds it under Today, reads what changed, and acknowledges', async () => {
  const { page, picture, troubles, leave } = await sit(browser, installation.url, { as: second });
  await page.goto('/console/today');
  await picture('journey-today');
  await page
    .getByRole('link', { name: /acknowledge/i })
    .first()
    .click();
  await page.getByRole('heading', { name: 'Acknowledge version 2' }).waitFor();
  await page.getByText(sentence).last().waitFor();
  await page.getByRole('button', { name: 'I have read version 2' }).click();
  await page.getByText('Recorded for version 2').waitFor();
  await picture('journey-acknowledged');
  await page.goto('/console/today');
  await page.getByText('Nothing is waiting for you.').waitFor();
  expect(troubles).toEqual([]);
  await leave();
  const { body } = await installation.local('GET', '/api/v1/policy/acknowledgements/count');
  expect(body).toMatchObject({ acknowledged: 1 });
});
