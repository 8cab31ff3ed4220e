import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
let joiner: SignedIn;
let officer: Sitting;
let desk: Sitting;
let certificate = '';

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  const owner = await setUp(installation);
  joiner = await register(installation, 'Mori Hana', ['employee']);
  officer = await sit(browser, installation.url, { as: owner });
  desk = await sit(browser, installation.url, { as: joiner });
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

test('what ships is published, and everyone is asked', async () => {
  const { page } = officer;
  await page.goto('/console/courses');
  await page.getByRole('button', { name: 'Publish them; everyone is asked now' }).click();
  await page.getByRole('link', { name: 'Introduction to cyber security' }).waitFor();
  const asked = async () =>
    expectOk(await installation.local('GET', '/api/v1/trainings?limit=1')).body['total'];
  await until('two trainings of two people', asked, (total) => total === 4);
});

test('an undertaking is read and signed with the name typed', async () => {
  const { page } = desk;
  await page.goto('/console/undertakings');
  await page.getByRole('link', { name: 'Undertaking of confidentiality' }).click();
  const sign = page.getByRole('button', { name: 'Sign version 1' });
  await page.getByLabel('Type your name to sign').fill('Mori Hanako');
  await sign.click();
  await page.getByText('is not the one you are registered with').first().waitFor();
  await page.getByLabel('Type your name to sign').fill('mori hana');
  await desk.picture('journey-sign');
  await sign.click();
  await page.getByText('Your signature is on file').first().waitFor();
});

test('lessons are read, the test is passed, a certificate comes of it', async () => {
  const { page } = desk;
  await page.goto('/console/training');
  await page.getByRole('link', { name: 'Introduction to cyber security' }).click();
  await passCourse(page, saying('en'), { name: 'cyber-security', language: 'en' });
  await desk.picture('journey-test');
  await page.getByRole('button', { name: 'Hand in' }).click();
  await page.getByText('10 of 10 right; 80% are needed.').waitFor();
  const link = page.getByRole('link', { name: /^Certificate .* \(PDF\)$/ });
  certificate = ((await link.textContent()) ?? '').split(' ')[1] ?? '';
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe(`certificate-${certificate}.pdf`);
  await desk.picture('journey-certificate');
});

test('whoever holds the certificate finds it genuine, and compares the name', async () => {
  const stranger = await sit(browser, installation.url);
  const { page } = stranger;
  await page.goto(`/certificates/${certificate}?lang=en`);
  await page.getByText('This certificate is genuine.').waitFor();
  expect(await page.getByText('Mori').count()).toBe(0);
  await page.getByLabel('Name on the certificate').fill('Mori Hana');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByText('Yes: this certificate was issued to this name.').waitFor();
  await stranger.leave();
});

test('nothing troubled the browser', () => {
  expect([...officer.troubles, ...desk.troubles]).toEqual([]);
});
