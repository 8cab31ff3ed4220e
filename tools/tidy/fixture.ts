import { houseOf } from './house.ts';
import type { Rule } from './rule.ts';

/** What a rule says of a house made of these files: `path:line message`. For the rules' tests. */
export function objectionsOf(rule: Rule, files: Readonly<Record<string, string>>): string[] {
  return rule.judge(houseOf(files)).findings.map((it) => `${it.path}:${it.line} ${it.message}`);
}
