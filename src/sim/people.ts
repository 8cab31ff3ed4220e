import type { Role } from '../kernel/actor.ts';

/**
 * The people of the sample company. They are plainly samples: everyone's family name is Example (例),
 * every address is at example.com.
 */
export interface SamplePerson {
  readonly name: string;
  readonly reading: string;
  readonly email: string;
  readonly department: string;
  readonly roles: readonly Role[];
  readonly language: 'en' | 'ja';
}

const given: readonly (readonly [latin: string, japanese: string | null, kana: string])[] = [
  ['Akiko', '明子', 'あきこ'],
  ['Benedict', null, ''],
  ['Chika', '千佳', 'ちか'],
  ['Daichi', '大地', 'だいち'],
  ['Eleanor', null, ''],
  ['Fumio', '文夫', 'ふみお'],
  ['Grace', null, ''],
  ['Haruto', '陽翔', 'はると'],
  ['Imogen', null, ''],
  ['Jun', '純', 'じゅん'],
  ['Kaori', '香織', 'かおり'],
  ['Liam', null, ''],
  ['Mika', '美香', 'みか'],
  ['Noah', null, ''],
  ['Olivia', null, ''],
  ['Ren', '蓮', 'れん'],
  ['Priya', null, ''],
  ['Quentin', null, ''],
  ['Rin', '凛', 'りん'],
  ['Sora', '空', 'そら'],
  ['Tamsin', null, ''],
  ['Umeko', '梅子', 'うめこ'],
  ['Victor', null, ''],
  ['Wakana', '若菜', 'わかな'],
  ['Xavier', null, ''],
  ['Yuto', '悠斗', 'ゆうと'],
  ['Zoe', null, ''],
  ['Aoi', '葵', 'あおい'],
  ['Bella', null, ''],
  ['Chihiro', '千尋', 'ちひろ'],
  ['Dylan', null, ''],
  ['Emi', '恵美', 'えみ'],
  ['Finn', null, ''],
  ['Genki', '元気', 'げんき'],
  ['Hazel', null, ''],
  ['Itsuki', '樹', 'いつき'],
];

/** Whom a company cannot do without; the rest are spread over the departments. */
const offices: readonly { readonly department: string; readonly roles: readonly Role[] }[] = [
  { department: 'Security', roles: ['security-officer', 'employee'] },
  { department: 'Commercial', roles: ['commercial-officer', 'employee'] },
  { department: 'People', roles: ['people', 'employee'] },
  { department: 'Engineering', roles: ['engineer', 'employee'] },
  { department: 'Support', roles: ['support', 'employee'] },
  { department: 'Finance', roles: ['auditor', 'employee'] },
];

const departments: readonly (readonly [department: string, role: Role | null])[] = [
  ['Engineering', 'engineer'],
  ['Engineering', 'engineer'],
  ['Engineering', 'engineer'],
  ['Support', 'support'],
  ['Commercial', null],
  ['Finance', null],
];

/** The n-th person of the company, from 0. Always the same. */
export function samplePerson(n: number): SamplePerson {
  const [latin = '', japanese = null, kana = ''] = given[n % given.length] ?? [];
  const round = Math.floor(n / given.length);
  const suffix = round === 0 ? '' : ` ${round + 1}`;
  const office = offices[n];
  const [department, role] = departments[n % departments.length] ?? ['Engineering', null];
  return {
    name: japanese ? `例 ${japanese}${suffix}` : `${latin} Example${suffix}`,
    reading: japanese ? `れい ${kana}` : '',
    email: `${latin.toLowerCase()}${round === 0 ? '' : round + 1}@example.com`,
    department: office?.department ?? department,
    roles: office?.roles ?? (role ? [role, 'employee'] : ['employee']),
    language: japanese ? 'ja' : 'en',
  };
}
