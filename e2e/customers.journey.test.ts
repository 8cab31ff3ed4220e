import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import { type Installation, install } from './installation.ts';
import { become, personaWith } from './personas.ts';
import { saying } from './say.ts';
import { type Sitting, sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install('demo')]);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

const accounts = {
  en: { key: 'sample-77', name: 'Sample Customer 77', writer: 'Sample Writer' },
  ja: { key: 'sample-78', name: '株式会社見本顧客78', writer: '見本 差出人' },
} as const;

/** A label begins so; a star for what is required may follow. */
const starting = (label: string) => new RegExp(`^${label}`);

describe.each(['en', 'ja'] as const)('an account and its requests, in %s', (language) => {
  const say = saying(language);
  const { key, name, writer } = accounts[language];
  let sitting: Sitting;

  beforeAll(async () => {
    sitting = await sit(browser, installation.url, { language });
  });

  afterAll(() => sitting?.leave());

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
    await page.getByRole('button', { name: say('registers/customers', 'add') }).click();
    const form = page.getByRole('dialog', { name: say('registers/customers', 'add') });
    await form.getByLabel(starting(say('registers/customers', 'name'))).fill(name);
    await form.getByLabel(starting(say('registers/customers', 'key'))).fill(key);
    await form.getByRole('combobox', { name: say('registers/customers', 'product') }).click();
    await page.getByRole('option', { name: 'Sample Planner' }).click();
    await form.getByLabel(starting(say('registers/customers', 'basisReference'))).fill('2025-04');
    expect(await faults()).toEqual([]);
    await form.getByRole('button', { name: say('registers/customers', 'add') }).click();
    await form.waitFor({ state: 'hidden' });
    await page.goto(`/console/customers/${key}`);
    await page.getByRole('button', { name: say('registers/customers', 'contacts.add') }).click();
    const contact = page.getByRole('dialog', { name: say('registers/customers', 'contacts.add') });
    await contact
      .getByLabel(starting(say('registers/customers', 'contacts.name')))
      .fill('Sample Owner');
    await contact
      .getByLabel(starting(say('registers/customers', 'contacts.email')))
      .fill(`owner@${key}.example.com`);
    await contact.getByRole('button', { name: say('registers/customers', 'contacts.add') }).click();
    await page.getByText(`owner@${key}.example.com`).waitFor();
  });

  test('a hold is placed, and not lifted by who placed it', { timeout: 180_000 }, async () => {
    const { page } = sitting;
    await page.getByRole('button', { name: say('ui', 'more') }).click();
    await page.getByRole('menuitem', { name: say('registers/customers', 'holds.place') }).click();
    const form = page.getByRole('dialog', { name: say('registers/customers', 'holds.place') });
    await form
      .getByLabel(starting(say('registers/customers', 'holds.reason')))
      .fill('A claim is pending.');
    const soon = Temporal.Now.plainDateISO('Asia/Tokyo').add({ days: 30 }).toString();
    await form.getByLabel(starting(say('registers/customers', 'holds.reviewOn'))).fill(soon);
    expect(await faults()).toEqual([]);
    await form.getByRole('button', { name: say('registers/customers', 'holds.place') }).click();
    await page.getByText(say('registers/customers', 'holds.stopped'), { exact: true }).waitFor();
    await lift();
    await page.getByText(say('registers/customers', 'refusal.ownHold')).waitFor();
    await signIn('security-officer');
    await page.goto(`/console/customers/${key}`);
    await lift();
    await page
      .getByText(new RegExp(say('registers/customers', 'holds.liftedBy', { name: '.+' })))
      .waitFor();
  });

  async function lift(): Promise<void> {
    const { page } = sitting;
    await page.getByRole('button', { name: say('registers/customers', 'holds.lift') }).click();
    const dialog = page.getByRole('dialog', {
      name: say('registers/customers', 'holds.liftAsk', { name }),
    });
    await dialog
      .getByLabel(starting(say('registers/customers', 'holds.note')))
      .fill('The claim is settled.');
    await dialog.getByRole('button', { name: say('registers/customers', 'holds.lift') }).click();
  }

  test('a letter is taken in, its writer found, made sure of and answered', {
    timeout: 180_000,
  }, async () => {
    const { page } = sitting;
    await signIn('support');
    await page.goto('/console/customer-requests');
    await page.getByRole('button', { name: say('clauses/retention', 'requests.add') }).click();
    const form = page.getByRole('dialog', { name: say('clauses/retention', 'requests.add') });
    await form.getByLabel(starting(say('clauses/retention', 'requests.fromName'))).fill(writer);
    await form
      .getByLabel(starting(say('clauses/retention', 'requests.what')))
      .fill('Wants to see what we hold.');
    expect(await faults()).toEqual([]);
    await form.getByRole('button', { name: say('clauses/retention', 'requests.add') }).click();
    await form.waitFor({ state: 'hidden' });
    await page.getByRole('row', { name: new RegExp(writer) }).click();
    const sheet = page.getByRole('dialog', {
      name: new RegExp(say('clauses/retention', 'requests.kind.access')),
    });
    await sheet
      .getByRole('button', { name: say('clauses/retention', 'requests.step.match') })
      .click();
    await sheet
      .getByRole('combobox', { name: say('clauses/retention', 'requests.customer') })
      .fill(key);
    await page.getByRole('option', { name: new RegExp(key) }).click();
    await sheet
      .getByRole('button', { name: say('clauses/retention', 'requests.step.match') })
      .last()
      .click();
    await sheet
      .getByRole('button', { name: say('clauses/retention', 'requests.step.verify') })
      .click();
    await sheet
      .getByLabel(starting(say('clauses/retention', 'requests.note')))
      .fill('Called back; she knew the invoice.');
    expect(await faults()).toEqual([]);
    await sheet
      .getByRole('button', { name: say('clauses/retention', 'requests.step.verify') })
      .last()
      .click();
    await sheet.getByText(say('clauses/retention', 'requests.next.open')).waitFor();
    await sheet
      .getByRole('button', { name: say('clauses/retention', 'requests.step.answer') })
      .click();
    await sheet
      .getByLabel(starting(say('clauses/retention', 'requests.answer')))
      .fill('The list was sent.');
    await sheet
      .getByRole('button', { name: say('clauses/retention', 'requests.step.answer') })
      .last()
      .click();
    await sheet.getByText(say('clauses/retention', 'requests.next.answered')).waitFor();
    expect(sitting.troubles).toEqual([]);
  });
});
