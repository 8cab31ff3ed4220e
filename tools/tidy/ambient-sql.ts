import type { House } from './house.ts';
import { placeOf } from './rooms.ts';
import type { Finding, Rule } from './rule.ts';
import { matchesIn, type SqlText, sqlFilesOf, sqlOf } from './sql.ts';

const FUNCTIONS =
  /\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|gen_random_uuid|gen_random_bytes|uuidv4|uuidv7|uuid_generate_v4|random|random_normal)\s*\(/gi;
const KEYWORDS = /\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b/gi;
const LITERALS = /'(now|today|tomorrow|yesterday)'\s*::\s*(timestamptz?|date|time)/gi;

/** The database holds no clock and no dice either: a replay must give the same rows. */
export const ambientSql: Rule = {
  name: 'ambient-sql',
  judge(house: House) {
    const inCode = house.sources.filter((source) => source.path.startsWith('src/')).flatMap(sqlOf);
    const all = [
      ...inCode,
      ...sqlFilesOf(house).filter((sql) => placeOf(sql.path).room !== 'bench'),
    ];
    return { findings: all.flatMap(objections), covered: { 'SQL texts': all.length } };
  },
};

function objections(sql: SqlText): Finding[] {
  return [FUNCTIONS, KEYWORDS, LITERALS].flatMap((pattern) =>
    matchesIn(sql, pattern).map(({ match, line }) => ({
      path: sql.path,
      line,
      message: `${match[0].replace(/\s*\($/, '()')} is read inside the database; pass it as a parameter`,
    })),
  );
}
