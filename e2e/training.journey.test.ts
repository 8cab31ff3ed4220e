import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wordsOfCertificate } from '../src/server/people/words.ts';
import { startChromium } from './chromium.ts';
import { passCourse } from './courses.ts';
import {
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

let browser: Browser;
let installation: Installation;
let owner: SignedIn;
const people = new Map<string, SignedIn>();

/** Who joins, and what the courses and papers that ship are called. */
const joiners = {
  en: {
    name: 'Mori Hana',
    typed: 'mori hana',
    another: 'Mori Hanako',
    part: 'Mori',
    paper: 'Undertaking of confidentiality',
    course: 'Introduction to cyber security',
  },
  ja: {
    name: 'Mori Yoko',
    typed: 'mori yoko',
    another: '森 葉子',
    part: 'Mori',
    paper: '機密保持に関する誓約書',
    course: 'サイバーセキュリティ入門',
  },
} as const;

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  owner = await setUp(installation);
  for (const { name } of Object.values(joiners)) {
    people.set(name, await register(installation, name, ['employee']));
  }
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

test('what ships is published, and everyone is asked', async () => {
  const say = saying('en');
  const { page, leave, troubles } = await sit(browser, installation.url, { as: owner });
  await page.goto('/console/courses');
  await page.getByRole('button', { name: say('clauses/people', 'shipped.verb') }).click();
  await page.getByRole('link', { name: joiners.en.course }).waitFor();
  const asked = async () =>
    expectOk(await installation.local('GET', '/api/v1/trainings?limit=1')).body['total'];
  await until('two trainings of three people', asked, (total) => total === 6);
  expect(troubles).toEqual([]);
  await leave();
});

describe.each(['en', 'ja'] as const)('somebody is trained and signs, in %s', (language) => {
  const say = saying(language);
  const { name, typed, another, part, paper, course } = joiners[language];
  let desk: Sitting;
  let certificate = '';

  beforeAll(async () => {
    const as = people.get(name);
    desk = await sit(browser, installation.url, { ...(as ? { as } : {}), language });
  });

  afterAll(() => desk?.leave());

  test('an undertaking is read and signed with the name typed', async () => {
    const { page } = desk;
    await page.goto('/console/undertakings');
    await page.getByRole('link', { name: paper }).click();
    const sign = page.getByRole('button', {
      name: say('clauses/people', 'sign.verb.undertaking', { number: 1 }),
    });
    await page.getByLabel(say('clauses/people', 'sign.name')).fill(another);
    await sign.click();
    await page.getByText(say('clauses/people', 'refusal.nameDiffers')).first().waitFor();
    await page.getByLabel(say('clauses/people', 'sign.name')).fill(typed);
    await desk.picture(`journey-sign-${language}`);
    await sign.click();
    await page.getByText(say('clauses/people', 'thanks.undertaking')).first().waitFor();
  });

  test('lessons are read, the test is passed, a certificate comes of it', async () => {
    const { page } = desk;
    await page.goto('/console/training');
    await page.getByRole('link', { name: course }).click();
    await passCourse(page, say, { name: 'cyber-security', language });
    await desk.picture(`journey-test-${language}`);
    await page.getByRole('button', { name: say('clauses/people', 'test.handIn') }).click();
    await page
      .getByText(say('clauses/people', 'test.score', { score: 10, asked: 10, percent: 80 }))
      .waitFor();
    const link = page.getByRole('link', { name: /PDF/ });
    const [before = '', after = ''] = say('clauses/people', 'training.certificate', {
      code: '#',
    }).split('#');
    const said = (await link.textContent()) ?? '';
    expect([said.startsWith(before), said.endsWith(after)]).toEqual([true, true]);
    certificate = said.slice(before.length, said.length - after.length);
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe(`certificate-${certificate}.pdf`);
    await desk.picture(`journey-certificate-${language}`);
  });

  test('whoever holds the certificate finds it genuine, and compares the name', async () => {
    const genuine = wordsOfCertificate(language).page;
    const stranger = await sit(browser, installation.url, { language });
    const { page } = stranger;
    await page.goto(`/certificates/${certificate}?lang=${language}`);
    await page.getByText(genuine.genuine).waitFor();
    expect(await page.getByText(part).count()).toBe(0);
    await page.getByLabel(genuine.name).fill(name);
    await page.getByRole('button', { name: genuine.compare }).click();
    await page.getByText(genuine.same).waitFor();
    await stranger.leave();
  });

  test('nothing troubled the browser', () => {
    expect(desk.troubles).toEqual([]);
  });
});
