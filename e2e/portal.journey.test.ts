import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unzip } from '../src/server/exports/unzip.fixture.ts';
import { wordsIn } from '../src/server/portal/words.ts';
import { startChromium } from './chromium.ts';
import { expectOk, type Installation, install, setUp, until } from './installation.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { type Seat, type Sitting, sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;
let mailbox: Mailbox;

beforeAll(async () => {
  mailbox = await openMailbox();
  const mail = { KEPT_SMTP_URL: mailbox.url, KEPT_MAIL_FROM: 'kept@example.com' };
  [browser, installation] = await Promise.all([startChromium(), install('up', mail)]);
  await setUp(installation);
  const holdings = [
    {
      what: { en: 'Drawings and orders', ja: '図面と注文' },
      place: 'Tokyo',
      controller: 'customer',
      collection: 'drawings',
    },
  ];
  const product = {
    key: 'scheduler',
    name: 'Scheduler',
    kind: 'cloud',
    custody: 'vault',
    holdings,
  };
  const { body } = expectOk(await installation.local('POST', '/api/v1/products', product));
  for (const language of ['en', 'ja']) await register(String(body['id']), language);
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
  await mailbox?.end();
});

/** An account with an owner who speaks a language, and a record that its product wrote. */
async function register(productId: string, language: string): Promise<void> {
  const key = `brewery-${language}`;
  const contact = {
    name: 'Hasegawa Yui',
    email: `yui@${key}.example.com`,
    language,
    part: 'owner',
  };
  expectOk(
    await installation.local('POST', '/api/v1/customers', {
      key,
      name: language === 'ja' ? '見本醸造株式会社' : 'Sample Brewery',
      productId,
      basis: 'terms',
      basisReference: '2026-01',
      language,
      contacts: [contact],
    }),
  );
  const issued = expectOk(
    await installation.local('POST', '/api/v1/vault/tokens', { productId, name: key, days: 1 }),
  );
  const url = `${installation.url}/vault/v1/customers/${key}/collections/orders/records/o-1`;
  const answer = await fetch(url, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${String(issued.body['token'])}`,
      'content-type': 'application/json',
      'kept-purpose': 'sample',
    },
    body: JSON.stringify({ amount: 3, note: '<b>fragile</b>' }),
  });
  expect([answer.status, await answer.text()]).toEqual([
    expect.toBeOneOf([200, 201]),
    expect.anything(),
  ]);
}

/** What axe finds wrong with the page as it is now. */
async function faultsOf({ page }: Sitting): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

const seats: Readonly<Record<'en' | 'ja', readonly Seat[]>> = {
  en: [
    { language: 'en', theme: 'light', width: 1440 },
    { language: 'en', theme: 'dark', width: 390 },
  ],
  ja: [
    { language: 'ja', theme: 'dark', width: 1440 },
    { language: 'ja', theme: 'light', width: 390 },
  ],
};

describe.each(['en', 'ja'] as const)('a customer helps themselves, in %s (RET-4)', (language) => {
  const words = wordsIn(language);
  const address = `yui@brewery-${language}.example.com`;
  const key = `brewery-${language}`;
  let desk: Sitting;

  beforeAll(async () => {
    desk = await sit(browser, installation.url, { language });
  });

  test('comes in by a mailed link and its button', async () => {
    const { page } = desk;
    await page.goto('/portal');
    await page.getByLabel(words.signIn.address).fill(address);
    expect(await faultsOf(desk)).toEqual([]);
    await page.getByRole('button', { name: words.signIn.send }).click();
    await page.getByRole('heading', { name: words.signIn.sent }).waitFor();
    await page.goto(await mailbox.link(address, '/portal/enter/'));
    await desk.picture(`portal-enter-${language}`);
    await page.getByRole('button', { name: words.enter.confirm }).click();
    await page.getByRole('heading', { name: words.held.title, level: 1 }).waitFor();
  });

  test('adds a file, edits a record, deletes an object', async () => {
    const { page } = desk;
    await page.getByRole('link', { name: 'orders' }).click();
    for (const name of ['見積書.txt', 'second.txt']) {
      await page.goto('/portal/collections/drawings');
      await page
        .getByLabel(words.held.file)
        .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(`content of ${name}`) });
      await page.getByRole('button', { name: words.held.send }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
    }
    await desk.picture(`portal-object-${language}`);
    await page.goto('/portal/collections/orders');
    await page.getByRole('link', { name: 'o-1' }).click();
    await page.getByLabel(words.held.value).fill('{"amount": 4}');
    await page.getByRole('button', { name: words.held.save, exact: true }).click();
    await page.getByText(words.held.saved).waitFor();
    await page.goto('/portal/collections/drawings');
    await page.getByRole('link', { name: 'second.txt', exact: true }).click();
    await page.getByRole('link', { name: words.delete.act, exact: true }).click();
    await page.locator('#confirm').fill('second.txt');
    await desk.picture(`portal-delete-${language}`);
    await page.getByRole('button', { name: words.delete.act, exact: true }).click();
    await page.getByRole('heading', { name: words.delete.done }).waitFor();
  });

  test('takes everything away in one archive', async () => {
    const { page } = desk;
    await page.goto('/portal/export');
    await page.getByRole('button', { name: words.export.start }).click();
    await page.getByRole('link', { name: words.export.load }).waitFor();
    await desk.picture(`portal-export-${language}`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: words.export.load }).click(),
    ]);
    const files = unzip(await readFile(await download.path()));
    const named = new Map(files.map(({ path, bytes }) => [path, bytes.toString('utf8')]));
    expect(named.get('objects/drawings/見積書.txt')).toBe('content of 見積書.txt');
    expect(named.get('records/orders/00001.json')).toContain('"amount":4');
  });

  test('sees every page whole, in both widths and themes', async () => {
    const paths = [
      '',
      '/collections/drawings',
      '/export',
      '/accesses',
      '/cases',
      '/requests',
      '/account',
      '/close',
      '/delete',
    ];
    const cookies = await desk.context.cookies();
    for (const seat of seats[language]) {
      const look = await sit(browser, installation.url, { ...seat, height: 1000 });
      await look.context.addCookies(cookies);
      for (const path of paths) {
        await look.page.goto(`/portal${path}`);
        await look.picture(
          `portal${path.replaceAll('/', '-')}-${language}-${seat.theme}-${seat.width}`,
        );
        expect([path, await faultsOf(look)]).toEqual([path, []]);
        const wide = await look.page.evaluate(
          () => document.documentElement.scrollWidth - innerWidth,
        );
        expect([path, wide]).toEqual([path, 0]);
      }
      expect(look.troubles).toEqual([]);
      await look.leave();
    }
  });

  test('closes the account, and has it back as it was', async () => {
    const { page } = desk;
    await page.goto('/portal/close');
    await page.getByRole('button', { name: words.closing.ask }).click();
    await page.getByText(words.closing.mailed).waitFor();
    await page.goto(await mailbox.link(address, '/portal/close/'));
    await page.locator('#confirm').fill(key);
    await desk.picture(`portal-closing-${language}`);
    await page.getByRole('button', { name: words.closing.confirm }).click();
    await page.getByText(words.closing.frozenMore).waitFor();
    await desk.picture(`portal-frozen-${language}`);
    const story = async () =>
      String(expectOk(await installation.local('GET', `/api/v1/customers/${key}`)).body['state']);
    await until('the account is frozen', story, (state) => state === 'closing');
    await page.getByRole('button', { name: words.closing.reopen }).click();
    await page.getByRole('heading', { name: words.held.title, level: 1 }).waitFor();
    await page.goto('/portal/collections/drawings');
    await page.getByRole('link', { name: '見積書.txt' }).waitFor();
    await page.getByRole('button', { name: words.signOut }).click();
    await page.getByLabel(words.signIn.address).waitFor();
    expect(desk.troubles).toEqual([]);
  });
});
