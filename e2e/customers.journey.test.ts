import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import { type Installation, install } from './installation.ts';
import { become, personaWith } from './personas.ts';
import { type Sitting, sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;
let sitting: Sitting;

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install('demo')]);
  sitting = await sit(browser, installation.url);
}, 300_000);

afterAll(async () => {
  await sitting?.leave();
  await browser?.close();
  await installation?.end();
});

/** What axe finds wrong with the page as it is now. */
async function faults(): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page: sitting.page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
}

async function signIn(role: string): Promise<void> {
  await sitting.page.context().clearCookies();
  await become(sitting.page, await personaWith(installation, role));
}

test('a customer is registered, with somebody there', { timeout: 180_000 }, async () => {
  const { page } = sitting;
  await signIn('commercial-officer');
  await page.goto('/console/customers');
  await page.getByRole('button', { name: 'Register a customer' }).click();
  const form = page.getByRole('dialog', { name: 'Register a customer' });
  await form.getByLabel(/^Name/).fill('Sample Customer 77');
  await form.getByLabel(/^Key/).fill('sample-77');
  await form.getByRole('combobox', { name: 'Product' }).click();
  await page.getByRole('option', { name: 'Sample Planner' }).click();
  await form.getByLabel(/^Number or version/).fill('2025-04');
  expect(await faults()).toEqual([]);
  await form.getByRole('button', { name: 'Register a customer' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.goto('/console/customers/sample-77');
  await page.getByRole('button', { name: 'Add a contact' }).click();
  const contact = page.getByRole('dialog', { name: 'Add a contact' });
  await contact.getByLabel(/^Name/).fill('Sample Owner');
  await contact.getByLabel(/^Email/).fill('owner@sample-77.example.com');
  await contact.getByRole('button', { name: 'Add a contact' }).click();
  await page.getByText('owner@sample-77.example.com').waitFor();
});

test('a hold is placed, and not lifted by who placed it', { timeout: 180_000 }, async () => {
  const { page } = sitting;
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Place a hold' }).click();
  const form = page.getByRole('dialog', { name: 'Place a hold' });
  await form.getByLabel(/^Reason/).fill('A claim is pending.');
  const soon = Temporal.Now.plainDateISO('Asia/Tokyo').add({ days: 30 }).toString();
  await form.getByLabel(/^To be looked at again/).fill(soon);
  expect(await faults()).toEqual([]);
  await form.getByRole('button', { name: 'Place a hold' }).click();
  await page.getByText('Every clock of this account is stopped.').waitFor();
  await lift();
  await page.getByText('You placed this hold yourself.').waitFor();
  await signIn('security-officer');
  await page.goto('/console/customers/sample-77');
  await lift();
  await page.getByText('Lifted by').waitFor();
});

async function lift(): Promise<void> {
  const { page } = sitting;
  await page.getByRole('button', { name: 'Lift the hold' }).click();
  const dialog = page.getByRole('dialog', { name: 'Lift the hold on Sample Customer 77?' });
  await dialog.getByLabel(/^Why/).fill('The claim is settled.');
  await dialog.getByRole('button', { name: 'Lift the hold' }).click();
}

test('a letter is taken in, its writer found, made sure of and answered', {
  timeout: 180_000,
}, async () => {
  const { page } = sitting;
  await signIn('support');
  await page.goto('/console/customer-requests');
  await page.getByRole('button', { name: 'Take in a request' }).click();
  const form = page.getByRole('dialog', { name: 'Take in a request' });
  await form.getByLabel(/^Name in the letter/).fill('Sample Writer');
  await form.getByLabel(/^What is asked/).fill('Wants to see what we hold.');
  expect(await faults()).toEqual([]);
  await form.getByRole('button', { name: 'Take in a request' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByRole('row', { name: /Sample Writer/ }).click();
  const sheet = page.getByRole('dialog', { name: /See what is held/ });
  await sheet.getByRole('button', { name: 'Find the customer' }).click();
  await sheet.getByRole('combobox', { name: 'Customer' }).fill('sample-77');
  await page.getByRole('option', { name: /sample-77/ }).click();
  await sheet.getByRole('button', { name: 'Find the customer' }).last().click();
  await sheet.getByRole('button', { name: 'Record the identity check' }).click();
  await sheet.getByLabel(/^What you saw or heard/).fill('Called back; she knew the invoice.');
  expect(await faults()).toEqual([]);
  await sheet.getByRole('button', { name: 'Record the identity check' }).last().click();
  await sheet.getByText('Do what is asked, then record the answer.').waitFor();
  await sheet.getByRole('button', { name: 'Answer' }).click();
  await sheet.getByLabel(/^Answer/).fill('The list was sent.');
  await sheet.getByRole('button', { name: 'Answer' }).last().click();
  await sheet.getByText('This request is answered.').waitFor();
  expect(sitting.troubles).toEqual([]);
});
