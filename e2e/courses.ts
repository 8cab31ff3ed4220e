import type { Page } from 'playwright-core';
import { parseCourse, questionsOf } from '../src/clauses/people/facts.course.ts';
import { shippedTexts } from '../src/clauses/people/shipped.ts';
import type { Language } from '../src/kernel/language.ts';
import type { Say } from './say.ts';

/** Reads a course that ships with Kept, from its page, to its last lesson, and answers its test rightly. */
export async function passCourse(
  page: Page,
  say: Say,
  course: { readonly name: string; readonly language: Language },
): Promise<void> {
  const parsed = parseCourse((await shippedTexts(course.name))[course.language]);
  const next = page.getByRole('button', { name: say('clauses/people', 'course.next') });
  for (let lesson = 1; lesson < parsed.lessons.length; lesson++) await next.click();
  await page.getByRole('button', { name: say('clauses/people', 'course.toTest') }).click();
  await page.getByRole('button', { name: say('clauses/people', 'test.begin') }).click();
  await page
    .getByText(say('clauses/people', 'test.left', { count: 10 }))
    .first()
    .waitFor();
  const right = new Set(
    questionsOf(parsed).flatMap(({ options }) =>
      options.filter((option) => option.right).map(({ text }) => text),
    ),
  );
  for (const question of await page.getByRole('group').all()) {
    for (const option of await question.locator('input').all()) {
      const label = await question
        .locator(`label[for="${await option.getAttribute('id')}"]`)
        .textContent();
      if (right.has(label?.trim() ?? '')) await option.check();
    }
  }
}
