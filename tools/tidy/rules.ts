import { ambient } from './ambient.ts';
import { ambientSql } from './ambient-sql.ts';
import { cycles } from './cycles.ts';
import { imports } from './imports.ts';
import { languages } from './languages.ts';
import { links } from './links.ts';
import { lockfile } from './lockfile.ts';
import { names } from './names.ts';
import { promises } from './promises.ts';
import type { Rule } from './rule.ts';
import { size } from './size.ts';
import { speech } from './speech.ts';
import { tables } from './tables.ts';
import { tests } from './tests.ts';
import { types } from './types.ts';

export const RULES: readonly Rule[] = [
  imports,
  cycles,
  size,
  ambient,
  ambientSql,
  tables,
  types,
  promises,
  languages,
  links,
  lockfile,
  names,
  speech,
  tests,
];
