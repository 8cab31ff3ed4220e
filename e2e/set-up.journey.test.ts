import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { totp } from '../src/platform/testing/browser.ts';
import { startChromium } from './chromium.ts';
import { type Installation, install, password, setupLink } from './installation.ts';
import { saying } from './say.ts';
import { type Sitting, sit } from './sitting.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
});

/** Words of the console in the language that a set-up is made in. */
type Words = (key: string, params?: Readonly<Record<string, string>>) => string;
const english: Words = (key, params) => saying('en')('web', key, params);
const japanese: Words = (key, params) => saying('ja')('web', key, params);

/** @param other the language that the policy is to have beside the one on screen */
async function foundOrganisation(
  { page, picture }: Sitting,
  installation: Installation,
  say: Words,
  other: string,
) {
  await page.goto(await setupLink(installation));
  await page.getByLabel(say('setUp.name')).fill('Example Brewing');
  await page.getByLabel(say('setUp.domain')).fill('example.com');
  await page.getByRole('combobox', { name: say('setUp.languages') }).press('ArrowDown');
  await page.getByRole('option', { name: other }).click();
  await page.keyboard.press('Escape');
  await picture('set-up-organisation');
  await page.getByRole('button', { name: say('identity.continue') }).click();
  await page.getByLabel(say('setUp.yourName')).fill('Ito Ren');
  await page.getByLabel(say('identity.email')).fill('ren@example.com');
  await page.getByLabel(say('identity.newPassword')).fill(password);
  await picture('set-up-administrator');
  await page.getByRole('button', { name: say('setUp.create') }).click();
  await page.getByRole('heading', { name: say('setUp.factorTitle'), level: 1 }).waitFor();
}

async function publishAndEnter(
  { page, picture, troubles }: Sitting,
  { url }: Installation,
  say: Words,
) {
  await picture('set-up-publish');
  await page.getByRole('button', { name: say('setUp.publishVerb') }).click();
  await page.waitForURL(/\/console/);
  await page.getByRole('navigation', { name: say('navigation') }).waitFor();
  await picture('set-up-console');
  const promises = (await (await fetch(`${url}/api/v1/promises`)).json()) as { id: string }[];
  expect(promises.map(({ id }) => id)).toContain('ACC-5');
  expect(troubles).toEqual([]);
}

describe('a fresh installation is set up in the browser', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await install();
  });
  afterAll(async () => {
    await installation?.end();
  });

  test('from the link to the console, with an authenticator app and its recovery codes', async () => {
    const sitting = await sit(browser, installation.url);
    const { page, picture } = sitting;
    await foundOrganisation(sitting, installation, english, '日本語');
    await picture('set-up-factor');
    await page.getByRole('button', { name: 'Set up an app' }).click();
    await page.getByRole('button', { name: 'Show the code' }).click();
    const secret = ((await page.locator('code').textContent()) ?? '').replaceAll(' ', '');
    await page.getByRole('img', { name: 'Code to scan' }).waitFor();
    await picture('set-up-app');
    await page.getByRole('textbox', { name: 'Code' }).fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: 'Code' }).fill(totp(secret, Date.now()));
    await page.getByRole('button', { name: 'Confirm' }).click();
    const codes = page.getByRole('region', { name: 'Recovery codes' }).getByRole('listitem');
    await codes.first().waitFor();
    expect(await codes.count()).toBeGreaterThanOrEqual(8);
    const [recovery = ''] = await codes.allInnerTexts();
    await picture('set-up-recovery');
    expect(await page.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true);
    await page.getByLabel('I have kept them safely').check();
    await page.getByRole('button', { name: 'Continue' }).click();
    await publishAndEnter(sitting, installation, english);
    await sitting.leave();
    await signedInByRecovery(installation.url, recovery);
  });

  test('the link opens nothing any more', async () => {
    const { page, leave } = await sit(browser, installation.url);
    await page.goto(await setupLink(installation));
    await page.getByRole('heading', { name: 'Kept is set up' }).waitFor();
    expect(await page.getByRole('link', { name: 'Sign in' }).isVisible()).toBe(true);
    await leave();
  });
});

/** A password alone opens nothing; with a recovery code it does, once. */
async function signedInByRecovery(url: string, recovery: string): Promise<void> {
  for (const attempt of ['first', 'second']) {
    const { page, leave } = await sit(browser, url);
    await page.goto('/console/account');
    await page.getByLabel('Email').fill('ren@example.com');
    await page.getByLabel(/^Password/).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Second step' }).waitFor();
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(recovery);
    await page.getByRole('button', { name: /Confirm|Continue|Sign in/ }).click();
    if (attempt === 'first') {
      await page.getByRole('heading', { name: 'Account and sessions' }).waitFor();
    } else {
      await page.getByRole('alert').waitFor();
      expect(await page.getByRole('heading', { name: 'Account and sessions' }).count()).toBe(0);
    }
    await leave();
  }
}

describe('a fresh installation is set up with a passkey, in Japanese', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await install();
  });
  afterAll(async () => {
    await installation?.end();
  });

  test('which then signs in without a password', async () => {
    const sitting = await sit(browser, installation.url, { language: 'ja' });
    const { context, page } = sitting;
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await foundOrganisation(sitting, installation, japanese, 'English');
    await page.getByRole('button', { name: japanese('identity.passkeyAdd') }).click();
    await page.getByRole('heading', { name: japanese('setUp.publishTitle'), level: 1 }).waitFor();
    await publishAndEnter(sitting, installation, japanese);
    await page.getByRole('button', { name: japanese('account.menu', { name: 'Ito Ren' }) }).click();
    await page.getByRole('menuitem', { name: japanese('account.signOut') }).click();
    await page.getByRole('button', { name: japanese('signIn.passkey') }).click();
    await page.waitForURL(/\/console/);
    await page
      .getByRole('button', { name: japanese('account.menu', { name: 'Ito Ren' }) })
      .waitFor();
    expect(sitting.troubles).toEqual([]);
    await sitting.leave();
  });
});
