import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fill } from '../src/kernel/language.ts';
import { wordsIn } from '../src/server/public/words.ts';
import { startChromium } from './chromium.ts';
import { type Installation, install, register, type SignedIn, setUp } from './installation.ts';
import { saying } from './say.ts';
import { sit } from './sitting.ts';

let browser: Browser;
let installation: Installation;
let officer: SignedIn;
let second: SignedIn;

beforeAll(async () => {
  [browser, installation] = await Promise.all([startChromium(), install()]);
  officer = await setUp(installation);
  second = await register(installation, 'Sato Yui', ['commercial-officer', 'employee']);
});

afterAll(async () => {
  await browser?.close();
  await installation?.end();
});

const written = {
  en: {
    clause: 'Office security',
    sentence: 'Visitors are met at the door, always.',
    summary: 'Visitors are met at the door.',
  },
  ja: {
    clause: 'オフィスの物理的セキュリティ',
    sentence: '来訪者は必ず入口で出迎える。',
    summary: '来訪者を入口で出迎えることにしました。',
  },
} as const;

describe.each(['en', 'ja'] as const)('a version of the policy, in %s', (language) => {
  const say = saying(language);
  const spoken = say('clauses/publication', `language.${language}`);
  const { clause, sentence, summary } = written[language];
  /** The first was published by setting up; each language makes one more. */
  const number = language === 'ja' ? 3 : 2;

  test('a clause is edited and proposed, and whoever wrote it cannot approve it', async () => {
    const { page, picture, troubles, leave } = await sit(browser, installation.url, {
      as: officer,
      language,
    });
    await page.goto('/console/policy/edit');
    await page
      .getByRole('button', { name: say('clauses/publication', 'edit.fromPublished') })
      .click();
    await page
      .getByRole('navigation', { name: say('clauses/publication', 'edit.clauses') })
      .getByRole('button', { name: clause })
      .first()
      .click();
    const text = page.getByRole('textbox', {
      name: say('clauses/publication', 'edit.text', { language: spoken }),
    });
    await text.fill(`${await text.inputValue()}\n\n${sentence}\n`);
    await page
      .getByText(say('clauses/publication', 'edit.saving.saved'), { exact: true })
      .waitFor();
    await page.getByText(sentence).last().waitFor();
    await picture(`journey-edit-${language}`);
    await page.getByRole('button', { name: say('clauses/publication', 'propose.verb') }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByLabel(say('clauses/publication', 'propose.summary', { language: spoken }))
      .fill(summary);
    await dialog.getByRole('button', { name: say('clauses/publication', 'propose.verb') }).click();
    await page.getByText(say('clauses/publication', 'approve.author')).waitFor();
    expect(
      await page
        .getByRole('button', { name: say('clauses/publication', 'approve.verb', { number }) })
        .count(),
    ).toBe(0);
    await picture(`journey-proposed-${language}`);
    expect(troubles).toEqual([]);
    await leave();
    // Nor can they by the API: the guard refuses, and says so in the ledger.
    const drafts = (await officer.browser.get('/api/v1/policy/versions')).body['items'] as {
      id: string;
      state: string;
    }[];
    const id = drafts.find(({ state }) => state === 'proposed')?.id;
    const { body } = await officer.browser.get(`/api/v1/policy/drafts/${id}/approval`);
    const own = await officer.browser.post(`/api/v1/policy/drafts/${id}/approval`, {
      digest: body['digest'],
      ask: { kind: 'everyone' },
      removedPromises: [],
    });
    expect([own.status, own.body['code']]).toEqual([422, 'authorApproves']);
  });

  test('a second person approves it, and the public page says it', async () => {
    const reader = await sit(browser, installation.url, { language });
    await reader.page.goto(`/?lang=${language}`);
    expect(await reader.page.getByText(sentence).count()).toBe(0);

    const { page, picture, troubles, leave } = await sit(browser, installation.url, {
      as: second,
      language,
    });
    await page.goto('/console/policy/edit');
    await page.getByText(sentence).first().waitFor();
    await picture(`journey-approve-${language}`);
    await page.getByRole('radio', { name: say('clauses/publication', 'ask.everyone') }).check();
    await page
      .getByText(
        new RegExp(say('clauses/publication', 'ask.count', { count: 2 }).replace('2', '\\d+')),
      )
      .waitFor();
    await page
      .getByRole('button', { name: say('clauses/publication', 'approve.verb', { number }) })
      .click();
    await page.getByText(say('clauses/publication', 'edit.none')).waitFor();
    expect(troubles).toEqual([]);
    await leave();

    await reader.page.reload();
    await reader.page.getByText(sentence).waitFor();
    await reader.page
      .getByText(fill(wordsIn(language).version, { number }))
      .first()
      .waitFor();
    await reader.picture(`journey-public-${language}`);
    await reader.page.goto(`/versions?lang=${language}`);
    await reader.page.getByText(summary).waitFor();
    expect(reader.troubles).toEqual([]);
    await reader.leave();
  });

  test('who is asked finds it under Today, reads what changed, and acknowledges', async () => {
    const { page, picture, troubles, leave } = await sit(browser, installation.url, {
      as: second,
      language,
    });
    await page.goto('/console/today');
    await picture(`journey-today-${language}`);
    await page
      .getByRole('link', {
        name: say('clauses/publication', 'task.publication.acknowledge', { number }),
      })
      .first()
      .click();
    await page
      .getByRole('heading', { name: say('clauses/publication', 'acknowledge.title', { number }) })
      .waitFor();
    await page.getByText(sentence).last().waitFor();
    await page
      .getByRole('button', { name: say('clauses/publication', 'acknowledge.verb', { number }) })
      .click();
    await page.getByText(say('clauses/publication', 'acknowledge.recorded', { number })).waitFor();
    await picture(`journey-acknowledged-${language}`);
    await page.goto('/console/today');
    await page.getByText(say('registers/tasks', 'nothing')).waitFor();
    expect(troubles).toEqual([]);
    await leave();
    const { body } = await installation.local('GET', '/api/v1/policy/acknowledgements/count');
    expect(body).toMatchObject({ acknowledged: 1 });
  });
});
