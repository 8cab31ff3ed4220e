import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { languages } from '../../kernel/language.ts';
import { ok, type Refusal, type Result } from '../../kernel/result.ts';
import type { Execute } from '../../policy/flow.ts';
import { type Template, template } from './facts.checklist.ts';
import { type CourseTexts, parseCourse } from './facts.course.ts';
import { checklistFlow, courseFlow, undertakingFlow } from './flows.ts';

/** What comes with Kept, to be published as it is or as a beginning: the folder `shipped/`. */

const folder = join(import.meta.dirname, 'shipped');

const documents = [
  { document: 'confidentiality', kind: 'undertaking', signDays: 14 },
  { document: 'information-security', kind: 'undertaking', signDays: 14 },
  { document: 'disposal', kind: 'guidance', signDays: 30 },
] as const;

const courses = ['cyber-security', 'handling'] as const;

/** How the courses that ship are tested: ten questions, four in five, three attempts a day. */
const test = { draw: 10, passPercent: 80, attempts: 3, pauseHours: 24 };

/** What of it an organisation has not got yet. */
export interface Missing {
  readonly documents: readonly string[];
  readonly courses: readonly string[];
  readonly checklists: boolean;
}

/** Names of all that ships. */
export const shipped = {
  documents: documents.map(({ document }) => document),
  courses: [...courses],
};

/** A text that ships, in both languages. */
export async function shippedTexts(name: string): Promise<CourseTexts> {
  const [en = '', ja = ''] = await Promise.all(
    languages.map((language) => readFile(join(folder, `${name}.${language}.md`), 'utf8')),
  );
  return { en, ja };
}

export async function shippedChecklists(): Promise<readonly Template[]> {
  const text = await readFile(join(folder, 'checklists.json'), 'utf8');
  return template.array().parse(JSON.parse(text));
}

/**
 * Publishes what is missing of what ships, as the caller: undertakings, guidance, courses and
 * checklists, each by its ordinary command.
 */
export async function publishShipped(
  execute: Execute,
  missing: Missing,
): Promise<Result<{ readonly published: number }, Refusal>> {
  let published = 0;
  for (const { document, kind, signDays } of documents) {
    if (!missing.documents.includes(document)) continue;
    const { titles, texts } = titled(await shippedTexts(document));
    const command = {
      do: 'publish',
      document,
      kind,
      titles,
      texts,
      asksAgain: true,
      signDays,
    } as const;
    const done = await execute(undertakingFlow, command);
    if (!done.ok) return done;
    published += 1;
  }
  for (const course of courses) {
    if (!missing.courses.includes(course)) continue;
    const texts = await shippedTexts(course);
    const saved = await execute(courseFlow, { do: 'saveCourse', course, texts, revision: 0 });
    if (!saved.ok) return saved;
    const command = { do: 'publishCourse', course, revision: 1, major: true, ...test } as const;
    const done = await execute(courseFlow, command);
    if (!done.ok) return done;
    published += 1;
  }
  for (const each of missing.checklists ? await shippedChecklists() : []) {
    const done = await execute(checklistFlow, {
      do: 'saveTemplate',
      id: null,
      version: 0,
      ...each,
    });
    if (!done.ok) return done;
    published += 1;
  }
  return ok({ published });
}

/** Title and text of a document: its first heading, and what follows. */
function titled(whole: CourseTexts): { readonly titles: CourseTexts; readonly texts: CourseTexts } {
  const bare = (text: string) => text.replace(/^#\s+.+\n+/, '').trim();
  return {
    titles: { en: parseCourse(whole.en).title, ja: parseCourse(whole.ja).title },
    texts: { en: bare(whole.en), ja: bare(whole.ja) },
  };
}
