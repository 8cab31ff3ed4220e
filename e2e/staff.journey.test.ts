import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChromium } from './chromium.ts';
import { passCourse } from './courses.ts';
import {
  accept,
  expectOk,
  type Installation,
  install,
  register,
  type SignedIn,
  setUp,
  until,
} from './installation.ts';
import { saying } from './say.ts';
import { type Sitting, sit } from './sitting.ts';

/** From the contract to the last access that is gone, in each language that Kept speaks. */

let browser: Browser;
let installation: Installation;
let owner: SignedIn;
let people: SignedIn;

const zone = 'Asia/Tokyo';
const joiners = {
  en: { name: 'Mori Hana', email: 'hana@example.com' },
  ja: { name: '森 葉子', email: 'yoko@example.com' },
} as const;
/** Whom the wiki has besides those who come and go here. */
const others = ['ren@example.com reader'];

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  owner = await setUp(installation);
  people = await register(installation, 'Sato Yui', ['people', 'employee']);
  const wiki = { key: 'wiki', name: 'Wiki', ownerId: owner.id };
  expectOk(await installation.local('POST', '/api/v1/systems', wiki));
  expectOk(await installation.local('POST', '/api/v1/shipped', {}));
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

/** The items of a list of the API. */
async function itemsOf(path: string): Promise<Record<string, unknown>[]> {
  const { body } = expectOk(await installation.local('GET', `/api/v1/${path}`));
  return body['items'] as Record<string, unknown>[];
}

/** A whole reading of the wiki, as its list says it. */
async function readWiki(name: string, lines: readonly string[]): Promise<void> {
  const file = join(installation.folder, name);
  await writeFile(file, `${lines.join('\n')}\n`);
  await installation.cli('import', 'grants', file, '--system', 'wiki');
}

describe.each(['en', 'ja'] as const)('somebody joins and leaves, in %s', (language) => {
  const say = saying(language);
  const { name, email } = joiners[language];
  let office: Sitting;
  let desk: Sitting;
  let id = '';
  let checklist = '';

  beforeAll(async () => {
    office = await sit(browser, installation.url, { as: people, language });
  }, 60_000);

  afterAll(async () => {
    await office?.leave();
    await desk?.leave();
  });

  test('is registered with a first day, and their checklist opens', {
    timeout: 120_000,
  }, async () => {
    const { page } = office;
    const add = say('registers/people', 'add');
    await page.goto('/console/people');
    await page.getByRole('button', { name: add }).click();
    const form = page.getByRole('dialog', { name: add });
    await form.getByLabel(say('registers/people', 'name')).first().fill(name);
    await form.getByLabel(say('registers/people', 'email')).fill(email);
    await form.getByLabel(say('registers/people', 'manager')).first().fill('Sato');
    await page.getByRole('option', { name: 'Sato Yui' }).click();
    await form
      .getByLabel(say('registers/people', 'startsOn'))
      .fill(Temporal.Now.plainDateISO(zone).toString());
    await office.picture(`journey-register-${language}`);
    await form.getByRole('button', { name: add }).click();
    await form.waitFor({ state: 'hidden' });
    const [person] = await until(
      'the person',
      () => itemsOf(`people?q=${encodeURIComponent(email)}`),
      (items) => items.length === 1,
    );
    id = String(person?.['id']);
    const [opened] = await until(
      'a checklist',
      () => itemsOf(`checklists?person=${id}`),
      (items) => items.length === 1,
    );
    checklist = String(opened?.['id']);
  });

  test('signs what they owe', { timeout: 120_000 }, async () => {
    const joiner = await accept(installation, { id, email });
    desk = await sit(browser, installation.url, { as: joiner, language });
    const { page } = desk;
    for (const document of ['confidentiality', 'information-security']) {
      await page.goto(`/console/undertakings/${document}`);
      await page.getByLabel(say('clauses/people', 'sign.name')).fill(name);
      const verb = say('clauses/people', 'sign.verb.undertaking', { number: 1 });
      await page.getByRole('button', { name: verb }).click();
      await page.getByText(say('clauses/people', 'thanks.undertaking')).first().waitFor();
    }
  });

  test('takes the introduction to security', { timeout: 120_000 }, async () => {
    const { page } = desk;
    await page.goto('/console/training/cyber-security');
    await passCourse(page, say, { name: 'cyber-security', language });
    await page.getByRole('button', { name: say('clauses/people', 'test.handIn') }).click();
    await page
      .getByText(say('clauses/people', 'test.score', { score: 10, asked: 10, percent: 80 }))
      .waitFor();
  });

  test('everyone ticks what is theirs, and the checklist is done', {
    timeout: 120_000,
  }, async () => {
    for (const { page, picture } of [desk, office]) {
      await page.goto(`/console/checklists/${checklist}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const tick = page.getByRole('button', {
        name: new RegExp(`^${say('clauses/people', 'checklist.tickOf', { words: '' }).trim()}`),
      });
      await tick.first().waitFor();
      for (let left = await tick.count(); left > 0; left = await tick.count()) {
        await tick.first().click();
        await until(
          'one item less',
          () => tick.count(),
          (count) => count < left,
        );
      }
      await picture(`journey-checklist-${language}`);
    }
    const [done] = await itemsOf(`checklists?person=${id}`);
    expect(done).toMatchObject({ state: 'done' });
  });

  test('leaves by the button: every access is ordered gone', { timeout: 120_000 }, async () => {
    await readWiki(`with-${language}.txt`, [...others, `${email} reader`, `${email} editor`]);
    const { page } = office;
    await page.goto(`/console/people/${id}`);
    await page.getByRole('button', { name: say('ui', 'more') }).click();
    await page.getByRole('menuitem', { name: say('registers/people', 'leave.title') }).click();
    const dialog = page.getByRole('dialog', {
      name: say('registers/people', 'leave.of', { name }),
    });
    await office.picture(`journey-leave-${language}`);
    await dialog.getByRole('button', { name: say('registers/people', 'leave.verb') }).click();
    await dialog.waitFor({ state: 'hidden' });
    await until(
      'the orders',
      () => itemsOf(`leavers?id=${id}`),
      // Both accesses, and the account.
      ([leaver]) => leaver?.['orders'] === 3 && leaver['state'] === 'open',
    );
    const asked = await desk.page.request.get('/api/v1/me');
    expect(asked.status()).toBe(401);
  });

  test('a reading without them proves it, with the seconds it took', {
    timeout: 120_000,
  }, async () => {
    await readWiki(`without-${language}.txt`, others);
    const security = await sit(browser, installation.url, { as: owner, language });
    const { page } = security;
    await until(
      'the proof',
      () => itemsOf(`leavers?id=${id}`),
      ([leaver]) => leaver?.['state'] === 'proven' && Number(leaver['seconds']) > 0,
    );
    await page.goto(`/console/leavers?open=${id}`);
    const sheet = page.getByRole('dialog', { name });
    await sheet.getByText(say('clauses/access', 'leaverSentence.proven')).waitFor();
    const proven = sheet.getByRole('row').filter({ hasText: 'Wiki' });
    expect(await proven.getByRole('cell').last().textContent()).toMatch(/\d/);
    await security.picture(`journey-proven-${language}`);
    expect(security.troubles).toEqual([]);
    await security.leave();
  });

  test('nothing troubled the browser', () => {
    expect([...office.troubles, ...desk.troubles]).toEqual([]);
  });
});
