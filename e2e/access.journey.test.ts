import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import { expectOk, type Installation, install } from './installation.ts';
import { asRole, become, type Persona, personaWith } from './personas.ts';
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

/** Somebody else asks in each language, so that nothing of before stands in the way. */
const askers = { en: 'support', ja: 'people' } as const;

describe.each(['en', 'ja'] as const)('access that ends, in %s', (language) => {
  const say = saying(language);
  const role = askers[language];
  const purpose =
    language === 'ja'
      ? '製品の不具合についてのお客様へのご回答'
      : 'Answering a customer about a fault in a release';
  let asker: Persona;
  let sitting: Sitting;

  beforeAll(async () => {
    asker = await personaWith(installation, role);
    sitting = await sit(browser, installation.url, { language });
  });

  afterAll(() => sitting?.leave());

  /** What axe finds wrong with the page as it is now. */
  async function faults(): Promise<readonly string[]> {
    const { violations } = await new AxeBuilder({ page: sitting.page }).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
  }

  test('access is asked for where one sees what one holds', { timeout: 120_000 }, async () => {
    const { page } = sitting;
    await become(page, asker);
    await page.goto('/console/my-access');
    await page.getByRole('button', { name: say('clauses/access', 'ask.title') }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByRole('combobox', { name: new RegExp(say('clauses/access', 'ask.what')) })
      .fill('maintain');
    await page.getByRole('option', { name: 'maintainer · GitHub' }).click();
    await dialog.getByLabel(new RegExp(say('clauses/access', 'request.purpose'))).fill(purpose);
    expect(await faults()).toEqual([]);
    await sitting.picture(`ask-access-${language}`);
    await dialog.getByRole('button', { name: say('clauses/access', 'ask.verb') }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: say('clauses/access', 'mine.requests') }).click();
    await page
      .getByRole('row', {
        name: new RegExp(`maintainer.*GitHub.*${say('clauses/access', 'requestState.open')}`),
      })
      .waitFor();
  });

  test('nobody decides on their own; somebody who answers for it approves', {
    timeout: 120_000,
  }, async () => {
    const { page } = sitting;
    const own = expectOk(
      await asRole(
        installation,
        role,
        'GET',
        '/api/v1/access-requests?own=true&state=open&sort=-askedAt',
      ),
    );
    const [request] = own.body['items'] as { id: string; purpose: string }[];
    expect(request?.purpose).toBe(purpose);
    const refused = await asRole(installation, role, 'POST', '/api/v1/access-requests/decisions', {
      ids: [request?.id],
      decision: 'approve',
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'ownRequest' } });

    await page.context().clearCookies();
    await become(page, await personaWith(installation, 'security-officer'));
    await page.goto(`/console/access-requests?mine=true&q=${encodeURIComponent('maintainer')}`);
    await page
      .getByRole('row', { name: /maintainer/ })
      .getByRole('checkbox')
      .click();
    await page.getByRole('button', { name: say('clauses/access', 'request.approve') }).click();
    const dialog = page.getByRole('dialog', {
      name: say('clauses/access', 'request.title.approve', { count: 1 }),
    });
    await dialog.waitFor();
    expect(await faults()).toEqual([]);
    await dialog.getByRole('button', { name: say('clauses/access', 'request.approve') }).click();
    await page.getByText(say('clauses/access', 'request.done.approve', { count: 1 })).waitFor();

    await page.context().clearCookies();
    await become(page, asker);
    await page.goto('/console/my-access?q=maintainer');
    await page
      .getByRole('row', {
        name: new RegExp(`maintainer.*${say('clauses/access', 'heldState.unused')}`),
      })
      .waitFor();
  });

  test('with its day it ends by itself, and is ordered to go', { timeout: 180_000 }, async () => {
    const { page } = sitting;
    const held = expectOk(
      await asRole(installation, role, 'GET', '/api/v1/my-access?q=maintainer'),
    );
    const [access] = held.body['items'] as { account: string }[];
    // Nobody can wait for the day here: the same grant is brought again, with an end that has passed.
    expectOk(
      await asRole(
        installation,
        'security-officer',
        'POST',
        '/api/v1/systems/github/grants/import',
        {
          text: `account,entitlement,purpose,end date\n${access?.account},maintainer,${purpose},2026-01-31\n`,
        },
      ),
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
          return (body['items'] as { account: string }[] | undefined)?.map(
            ({ account }) => account,
          );
        },
        { timeout: 120_000, interval: 1000 },
      )
      .toContain(access?.account);
    await page.goto('/console/my-access?q=maintainer');
    await page.getByText(say('ui', 'register.noMatch')).first().waitFor();
    expect(await page.getByRole('row', { name: /maintainer/ }).count()).toBe(0);
    expect(sitting.troubles).toEqual([]);
  });
});
