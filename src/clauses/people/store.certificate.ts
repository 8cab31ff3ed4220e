import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Language } from '../../kernel/language.ts';

/** What a certificate says: a completion, found by its code. */
export interface Certificate {
  readonly code: string;
  readonly personId: PersonId;
  /** The person's name now; null where it was erased. */
  readonly name: string | null;
  readonly course: string;
  readonly titles: Readonly<Record<Language, string>>;
  readonly number: string;
  readonly digest: string;
  readonly completedOn: Temporal.PlainDate;
  readonly score: number;
  readonly asked: number;
  readonly lessons: number;
}

export async function certificateBy(db: Db, code: string): Promise<Certificate | null> {
  const { rows } = await sql<Certificate>`
    select t.certificate as code, t.person_id as "personId",
      case when p.erased_at is null then p.name end as name, t.course, v.titles,
      v.major || '.' || v.minor as number, v.digest, t.completed_on as "completedOn", t.score, t.asked,
      v.lessons
    from training t join course_version v on v.id = t.version_id join person p on p.id = t.person_id
    where t.certificate = ${code}`.execute(db);
  return rows[0] ?? null;
}
