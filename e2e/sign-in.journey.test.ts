import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type RunningProvider,
  startProvider,
} from '../src/platform/identity/oidc/provider.fixture.ts';
import { startChromium } from './chromium.ts';
import { expectOk, type Installation, install, type SignedIn, setUp } from './installation.ts';
import { type Sitting, sit } from './sitting.ts';

/** Signing in by the organisation's provider: a real one, on a socket of its own. */
let browser: Browser;
let installation: Installation;
let provider: RunningProvider;
let officer: SignedIn;

beforeAll(async () => {
  installation = await install('up', { KEPT_INTERNAL_HOSTS: '127.0.0.1' });
  officer = await setUp(installation);
  expectOk(
    await installation.local('POST', '/api/v1/people', {
      name: 'Sato Hana',
      email: 'hana@example.com',
      roles: ['employee', 'auditor'],
    }),
  );
  provider = await startProvider(installation.url);
  const claims = { name: 'Hana S.', email: 'hana@example.com' };
  provider.accounts.set('hana', { sub: 'id-hana', claims, amr: ['pwd', 'otp', 'mfa'] });
  provider.accounts.set('hasty', { sub: 'id-hana', claims, amr: ['pwd'] });
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  await provider?.end();
  await installation?.end();
});

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** Presses the provider's button, and signs in on the provider's page. */
async function byProvider({ page }: Sitting, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with Example ID' }).click();
  await page.waitForURL(new RegExp(`^${provider.issuer}`));
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Code').fill('123456');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(new RegExp(`^${installation.url}`));
}

async function fillProvider(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'OpenID Connect' }).click();
  await page.getByLabel('Name').first().fill('Example ID');
  await page.getByRole('textbox', { name: 'Issuer' }).fill(provider.issuer);
  await page.getByRole('textbox', { name: 'Application (client) ID' }).fill(provider.client.id);
  await page
    .getByRole('textbox', { name: 'Client secret', exact: true })
    .fill(provider.client.secret);
}

describe('the organisation’s provider', () => {
  test('is set up in the browser: tested first, then switched on', async () => {
    const sitting = await sit(browser, installation.url, { as: officer });
    const { page, picture, troubles } = sitting;
    await page.goto('/console/sign-in');
    await page.getByText('No provider is set up').waitFor();
    await fillProvider(page);
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await page.getByText('says who it is:').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Keys' }).waitFor();
    await picture('provider-tested');
    await accessible(page);
    // Mantine draws a switch over its box; by keyboard it is one.
    await page
      .getByRole('switch', { name: 'Signing out ends the provider’s session too' })
      .press('Space');
    await page.getByRole('switch', { name: 'People sign in with it' }).press('Space');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('People sign in with Example ID.').waitFor();
    await picture('provider-on');
    expect(troubles).toEqual([]);
    await sitting.leave();
  });

  test('vouches for somebody unknown: told whom to ask, linked by the officer, then lands where the link led', async () => {
    const sitting = await sit(browser, installation.url);
    const { page, picture, troubles } = sitting;
    await page.goto('/console/ledger');
    await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor();
    await picture('sign-in-provider');
    await byProvider(sitting, 'hana');
    await page.getByText('Kept does not know you yet').waitFor();
    await picture('sign-in-unknown');
    await accessible(page);
    const said = (await page.getByRole('alert').textContent()) ?? '';
    const [reference = 'none'] = /[2-9A-Z]{8}/.exec(said) ?? [];

    const desk = await sit(browser, installation.url, { as: officer });
    await desk.page.goto('/console/sign-in');
    await desk.page.getByText(reference).waitFor();
    await desk.page.getByRole('button', { name: 'Link', exact: true }).click();
    await desk.page.getByRole('combobox', { name: 'Person' }).fill('Sato');
    await desk.page.getByRole('option', { name: /Sato Hana/ }).click();
    await desk.picture('provider-link');
    await desk.page.getByRole('dialog').getByRole('button', { name: 'Link' }).click();
    await desk.page.getByText('Nobody unknown came').waitFor();
    await desk.picture('provider-logins');
    await desk.leave();

    // The provider knows this browser by now, and asks nothing more.
    await page.getByRole('button', { name: 'Sign in with Example ID' }).click();
    await page.waitForURL(/\/console\/ledger/);
    await page.getByRole('heading', { name: 'Ledger', level: 1 }).waitFor();
    expect(troubles).toEqual([]);
    await sitting.leave();
  });

  test('without a second factor opens nothing; with one, its session ends at both', async () => {
    const sitting = await sit(browser, installation.url);
    const { page, picture, troubles } = sitting;
    await page.goto('/sign-in');
    await byProvider(sitting, 'hasty');
    await page.getByText('The provider did not confirm a second factor').waitFor();
    await picture('sign-in-unproven');
    expect((await page.request.get('/api/v1/me')).status()).toBe(401);
    await sitting.context.clearCookies();
    await byProvider(sitting, 'hana');
    await page.waitForURL(/\/console/);
    await page.goto('/console/account');
    await page.getByText('Linked to your account at Example ID').waitFor();
    await picture('account-provider');
    await accessible(page);
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(new RegExp(`^${provider.issuer}/session/end`));
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.getByRole('button', { name: 'Sign in with Example ID' }).waitFor();
    // What its own pages complain of is the provider's.
    expect(troubles.filter((each) => each.startsWith(installation.url))).toEqual([]);
    await sitting.leave();
  });

  test('shows well in both languages and themes, and on a phone', async () => {
    for (const seat of [
      { language: 'ja', theme: 'dark', width: 1440 },
      { language: 'ja', theme: 'light', width: 390 },
      { language: 'en', theme: 'dark', width: 390 },
    ] as const) {
      const { language, theme, width } = seat;
      const { page, picture, leave } = await sit(browser, installation.url, {
        ...seat,
        as: officer,
      });
      await page.goto('/console/sign-in');
      await page.getByText('Sato Hana').first().waitFor();
      const rolesFrom = language === 'ja' ? '役割の付与元' : 'Roles are given';
      await page.getByRole('combobox', { name: rolesFrom }).click();
      await page.getByRole('option', { name: /provider|プロバイダー/ }).click();
      await picture(`provider-${language}-${theme}-${width}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      );
      await accessible(page);
      await leave();
      const door = await sit(browser, installation.url, seat);
      await door.page.goto('/sign-in?refused=rolesUnreadable&reason=groupsOverage');
      await door.page.getByRole('alert').waitFor();
      await door.picture(`sign-in-refused-${language}-${theme}-${width}`);
      await accessible(door.page);
      await door.leave();
    }
  });
});
