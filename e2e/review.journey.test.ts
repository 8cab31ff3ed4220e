import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
let owner: SignedIn;
let second: SignedIn;

/** Six people with two accesses each; the first is the owner of the system. */
const accounts = ['ren', 'aoi', 'hana', 'kaito', 'mei', 'sora'].map(
  (name) => `${name}@example.com`,
);
const pairs = accounts.flatMap((account) => [`${account} reader`, `${account} editor`]);
/** A system of its own for each language, retired before the next is reviewed. */
const systems = { en: 'Wiki', ja: 'ウィキ' } as const;
const revoked = ['sora@example.com reader', 'sora@example.com editor'];

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  owner = await setUp(installation);
  second = await register(installation, 'Sato Yui', ['security-officer', 'employee']);
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

describe.each(['en', 'ja'] as const)('a review of access, in %s', (language) => {
  const say = saying(language);
  const spring = language === 'ja' ? '春の棚卸し' : 'Spring cleaning';
  /** Orders proven gone by now: two in each language. */
  const proven = language === 'ja' ? 4 : 2;
  let desk: Sitting;

  beforeAll(async () => {
    const system = { key: `wiki-${language}`, name: systems[language], ownerId: owner.id };
    expectOk(await installation.local('POST', '/api/v1/systems', system));
    desk = await sit(browser, installation.url, { as: owner, language });
  });

  afterAll(async () => {
    await desk?.leave();
    await installation.local('POST', `/api/v1/systems/wiki-${language}/retire`);
  });

  /** How the page begins to say that so many accesses were recorded. */
  const recorded = (pairs: number) =>
    say('registers/accounts', 'read.done', { pairs, added: '#', gone: '#' }).split('#')[0] ?? '';

  /** Brings a file to the page that records a reading, looks at what it changes, records it. */
  async function read(name: string, lines: readonly string[]): Promise<void> {
    const { page } = desk;
    const file = join(installation.folder, name);
    await writeFile(file, `${lines.join('\n')}\n`);
    await page.goto(`/console/systems/wiki-${language}/read`);
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('button', { name: say('registers/accounts', 'read.look') }).click();
    await desk.picture(`journey-${name}-${language}`);
    await page.getByRole('button', { name: say('registers/accounts', 'read.verb') }).click();
    await page
      .getByRole('status')
      .filter({ hasText: recorded(lines.length) })
      .waitFor();
  }

  test('a file of access is recorded and a review of it opened', async () => {
    const { page } = desk;
    await read('first.txt', pairs);
    await page.goto('/console/reviews');
    await page.getByRole('button', { name: say('clauses/access', 'reviews.open') }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByRole('textbox', { name: say('clauses/access', 'campaign.name') })
      .fill(spring);
    await dialog.getByLabel(say('clauses/access', 'opening.hours')).fill('0');
    await desk.picture(`journey-open-review-${language}`);
    await dialog.getByRole('button', { name: say('clauses/access', 'reviews.open') }).click();
    await page.getByRole('heading', { name: spring, level: 1 }).waitFor();
  });

  test('accesses are revoked and kept in bulk, one’s own are for somebody else', async () => {
    const { page } = desk;
    const grid = page.getByRole('grid', { name: say('clauses/access', 'tab.items') });
    await grid
      .getByRole('row')
      .filter({ hasText: say('clauses/access', 'item.own') })
      .first()
      .waitFor();
    await desk.picture(`journey-items-${language}`);
    const own = grid.getByRole('row').filter({ hasText: say('clauses/access', 'item.own') });
    expect(await own.count()).toBe(2);
    for (const row of await own.all())
      expect(await row.getByRole('checkbox').isDisabled()).toBe(true);

    for (const row of await grid.getByRole('row').filter({ hasText: 'sora@' }).all()) {
      await row.getByRole('checkbox').click();
    }
    const bulk = page.getByRole('toolbar', { name: say('ui', 'register.bulk') });
    await bulk.getByText(say('ui', 'register.selected', { count: 2 })).waitFor();
    await bulk.getByRole('button', { name: say('clauses/access', 'decide.revoke') }).click();
    const dialog = page.getByRole('dialog', {
      name: say('clauses/access', 'decide.title.revoke', { count: 2 }),
    });
    expect(
      await dialog
        .getByRole('button', { name: say('clauses/access', 'decide.revoke') })
        .isDisabled(),
    ).toBe(true);
    await dialog.getByLabel(say('clauses/access', 'item.reason')).fill('Moved to another team');
    await desk.picture(`journey-revoke-${language}`);
    await dialog.getByRole('button', { name: say('clauses/access', 'decide.revoke') }).click();
    await page.getByText(say('clauses/access', 'decide.done', { count: 2 })).waitFor();

    await keepTheRest(page);
    await desk.picture(`journey-decided-${language}`);
    await ownIsRefused();
  });

  /** All that are left, by the filter and in one act; what is one's own stays behind. */
  async function keepTheRest(page: Page): Promise<void> {
    await page.goto(`${page.url().split('?')[0]}?undecided=true`);
    const bulk = page.getByRole('toolbar', { name: say('ui', 'register.bulk') });
    const grid = page.getByRole('grid', { name: say('clauses/access', 'tab.items') });
    await grid.getByRole('row').filter({ hasText: 'aoi@' }).first().getByRole('checkbox').click();
    await bulk
      .getByRole('button', { name: say('ui', 'register.selectAll', { count: 10 }) })
      .click();
    await bulk.getByRole('button', { name: say('clauses/access', 'decide.keep') }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: say('clauses/access', 'decide.keep') })
      .click();
    await page.getByText(new RegExp(say('clauses/access', 'decide.own', { count: 2 }))).waitFor();
  }

  async function ownIsRefused(): Promise<void> {
    const campaign = new URL(desk.page.url()).pathname.split('/').at(-1);
    const path = `/api/v1/campaigns/${campaign}`;
    const left = expectOk(await owner.browser.get(`${path}/items?undecided=true`)).body[
      'items'
    ] as {
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
    const orders = page
      .getByRole('grid')
      .getByRole('row')
      .filter({ hasText: 'sora@' })
      .filter({ hasText: systems[language] });
    await orders
      .filter({ hasText: say('clauses/access', 'orderState.overdue') })
      .first()
      .waitFor();
    expect(
      await orders.filter({ hasText: say('clauses/access', 'orderState.overdue') }).count(),
    ).toBe(2);
    await desk.picture(`journey-orders-${language}`);
    await read(
      'without.txt',
      pairs.filter((pair) => !revoked.includes(pair)),
    );
    await page.goto('/console/revoke-orders');
    await orders
      .filter({ hasText: say('clauses/access', 'orderState.proven') })
      .nth(1)
      .waitFor();
  });

  test('the promise shows what upholds it, and an entry behind it is verified in the browser', async () => {
    const { page } = desk;
    await page.goto('/console/policy?promise=ACC-6');
    const sheet = page.getByRole('dialog', { name: 'ACC-6' });
    await sheet.getByText(say('registers/evidence', 'reason.kept')).waitFor();
    await sheet.getByText(say('registers/evidence', 'examinedValue', { count: proven })).waitFor();
    await desk.picture(`journey-evidence-${language}`);
    await page.goto('/console/policy?promise=ACC-5');
    await page
      .getByRole('dialog', { name: 'ACC-5' })
      .getByText(say('registers/evidence', 'refusals'))
      .waitFor();
    await desk.picture(`journey-evidence-acc-5-${language}`);
    await page
      .getByRole('link', { name: say('registers/evidence', 'verify') })
      .first()
      .click();
    await page.getByRole('button', { name: say('registers/evidence', 'ledger.verify') }).click();
    await page.getByText(say('registers/evidence', 'ledger.leaf.holds')).waitFor();
    await page.getByText(say('registers/evidence', 'ledger.root.holds')).waitFor();
    await page.getByText(say('registers/evidence', 'ledger.signature.holds')).waitFor();
    await desk.picture(`journey-verified-${language}`);
    expect(desk.troubles).toEqual([]);
  });
});
