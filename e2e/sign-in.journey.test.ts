import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type RunningProvider,
  startProvider,
} from '../src/platform/identity/oidc/provider.fixture.ts';
import { startChromium } from './chromium.ts';
import { expectOk, type Installation, install, type SignedIn, setUp } from './installation.ts';
import { saying } from './say.ts';
import { type Sitting, sit } from './sitting.ts';

/** Signing in by the organisation's provider: a real one, on a socket of its own. */
let browser: Browser;
let installation: Installation;
let provider: RunningProvider;
let officer: SignedIn;

beforeAll(async () => {
  browser = await startChromium();
});

afterAll(() => browser?.close());

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

describe.each(['en', 'ja'] as const)('the organisation’s provider, in %s', (language) => {
  const say = saying(language);
  const byExampleId = say('web', 'signIn.with', { label: 'Example ID' });

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
  });

  afterAll(async () => {
    await provider?.end();
    await installation?.end();
  });

  /** Presses the provider's button, and signs in on the provider's page. */
  async function byProvider({ page }: Sitting, name: string): Promise<void> {
    await page.getByRole('button', { name: byExampleId }).click();
    await page.waitForURL(new RegExp(`^${provider.issuer}`));
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Code').fill('123456');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(new RegExp(`^${installation.url}`));
  }

  async function fillProvider(page: Page): Promise<void> {
    await page.getByRole('combobox', { name: say('registers/identity', 'provider.kind') }).click();
    await page.getByRole('option', { name: say('registers/identity', 'kind.oidc') }).click();
    await page.getByLabel(say('registers/identity', 'provider.label')).first().fill('Example ID');
    await page
      .getByRole('textbox', { name: say('registers/identity', 'provider.issuer') })
      .fill(provider.issuer);
    await page
      .getByRole('textbox', { name: say('registers/identity', 'provider.clientId') })
      .fill(provider.client.id);
    await page
      .getByRole('textbox', { name: say('registers/identity', 'provider.secret'), exact: true })
      .fill(provider.client.secret);
  }

  test('is set up in the browser: tested first, then switched on', async () => {
    const sitting = await sit(browser, installation.url, { as: officer, language });
    const { page, picture, troubles } = sitting;
    await page.goto('/console/sign-in');
    await page.getByText(say('registers/identity', 'standing.none')).waitFor();
    await fillProvider(page);
    await page.getByRole('button', { name: say('registers/identity', 'probe.verb') }).click();
    await page.getByText(say('registers/identity', 'probed.discovery_found')).waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: say('registers/identity', 'probed.keys') })
      .waitFor();
    await picture(`provider-tested-${language}`);
    await accessible(page);
    // Mantine draws a switch over its box; by keyboard it is one.
    await page
      .getByRole('switch', { name: say('registers/identity', 'use.endProviderSession') })
      .press('Space');
    await page
      .getByRole('switch', { name: say('registers/identity', 'use.enabled') })
      .press('Space');
    await page.getByRole('button', { name: say('registers/identity', 'save') }).click();
    await page
      .getByText(say('registers/identity', 'standing.on', { label: 'Example ID' }))
      .waitFor();
    await picture(`provider-on-${language}`);
    expect(troubles).toEqual([]);
    await sitting.leave();
  });

  test('vouches for somebody unknown: told whom to ask, linked by the officer, then lands where the link led', async () => {
    const sitting = await sit(browser, installation.url, { language });
    const { page, picture, troubles } = sitting;
    await page.goto('/console/ledger');
    await page.getByRole('heading', { name: say('web', 'signIn.title'), level: 1 }).waitFor();
    await picture(`sign-in-provider-${language}`);
    await byProvider(sitting, 'hana');
    await page.getByText(say('platform/identity', 'problem.identityUnknown.title')).waitFor();
    await picture(`sign-in-unknown-${language}`);
    await accessible(page);
    const said = (await page.getByRole('alert').textContent()) ?? '';
    const [reference = 'none'] = /[2-9A-Z]{8}/.exec(said) ?? [];

    const desk = await sit(browser, installation.url, { as: officer, language });
    await desk.page.goto('/console/sign-in');
    await desk.page.getByText(reference).waitFor();
    await desk.page
      .getByRole('button', { name: say('registers/identity', 'strangers.link'), exact: true })
      .click();
    await desk.page
      .getByRole('combobox', { name: say('registers/identity', 'strangers.person') })
      .fill('Sato');
    await desk.page.getByRole('option', { name: /Sato Hana/ }).click();
    await desk.picture(`provider-link-${language}`);
    await desk.page
      .getByRole('dialog')
      .getByRole('button', { name: say('registers/identity', 'strangers.link') })
      .click();
    await desk.page.getByText(say('registers/identity', 'strangers.none')).waitFor();
    await desk.picture(`provider-logins-${language}`);
    await desk.leave();

    // The provider knows this browser by now, and asks nothing more.
    await page.getByRole('button', { name: byExampleId }).click();
    await page.waitForURL(/\/console\/ledger/);
    await page
      .getByRole('heading', { name: say('registers/evidence', 'ledger.title'), level: 1 })
      .waitFor();
    expect(troubles).toEqual([]);
    await sitting.leave();
  });

  test('without a second factor opens nothing; with one, its session ends at both', async () => {
    const sitting = await sit(browser, installation.url, { language });
    const { page, picture, troubles } = sitting;
    await page.goto('/sign-in');
    await byProvider(sitting, 'hasty');
    await page.getByText(say('platform/identity', 'problem.secondFactorUnproven.title')).waitFor();
    await picture(`sign-in-unproven-${language}`);
    expect((await page.request.get('/api/v1/me')).status()).toBe(401);
    await sitting.context.clearCookies();
    await byProvider(sitting, 'hana');
    await page.waitForURL(/\/console/);
    await page.goto('/console/account');
    await page.getByText(say('web', 'account.linked', { label: 'Example ID' })).waitFor();
    await picture(`account-provider-${language}`);
    await accessible(page);
    await page
      .getByRole('button', { name: new RegExp(say('web', 'account.menu', { name: '.+' })) })
      .click();
    await page.getByRole('menuitem', { name: say('web', 'signOut') }).click();
    await page.waitForURL(new RegExp(`^${provider.issuer}/session/end`));
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.getByRole('button', { name: byExampleId }).waitFor();
    // What its own pages complain of is the provider's.
    expect(troubles.filter((each) => each.startsWith(installation.url))).toEqual([]);
    await sitting.leave();
  });

  test('shows well in both themes, and on a phone', async () => {
    for (const seat of [
      { language, theme: 'dark', width: 1440 },
      { language, theme: language === 'ja' ? 'light' : 'dark', width: 390 },
    ] as const) {
      const { theme, width } = seat;
      const { page, picture, leave } = await sit(browser, installation.url, {
        ...seat,
        as: officer,
      });
      await page.goto('/console/sign-in');
      await page.getByText('Sato Hana').first().waitFor();
      await page.getByRole('combobox', { name: say('registers/identity', 'roles.from') }).click();
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
