import type { Language } from '../../kernel/language.ts';

/** What the officer of the sample company changes in the policy over the years. */
export interface Amendment {
  readonly clause: string;
  readonly summary: Readonly<Record<Language, string>>;
  /** Set at the end of the clause, or taken away again where it already stands there. */
  readonly text: Readonly<Record<Language, string>>;
  /** A clause of its own: added where it is not there. */
  readonly title?: Readonly<Record<Language, string>>;
  /** Roles whose duties it touches; nobody's: a correction. */
  readonly concerned: readonly ('employee' | 'engineer' | 'support' | 'people')[];
}

export const amendments: readonly Amendment[] = [
  {
    clause: 'access',
    summary: {
      en: 'Shared accounts are ruled out in so many words.',
      ja: '共有アカウントを使わないことを明記しました。',
    },
    text: {
      en: 'Shared accounts are not used: whoever needs access has an account of their own.',
      ja: '共有アカウントは使用しません。アクセスを必要とする者には、それぞれ専用のアカウントを用意します。',
    },
    concerned: ['engineer', 'support'],
  },
  {
    clause: 'artificial-intelligence',
    title: { en: 'Use of artificial intelligence', ja: '人工知能の利用' },
    summary: {
      en: 'A clause on the use of artificial intelligence was added.',
      ja: '人工知能の利用に関する条項を追加しました。',
    },
    text: {
      en: ':promise[Users’ data is never used to train the models of others]{#AI-1}. :promise[Code that a model wrote is reviewed like any other]{#AI-2}.',
      ja: ':promise[利用者のデータを、他社のモデルの学習に使用することはありません]{#AI-1}。:promise[モデルが生成したコードも、ほかのコードと同じようにレビューします]{#AI-2}。',
    },
    concerned: ['employee'],
  },
  {
    clause: 'incidents',
    summary: {
      en: 'Whoever reports an incident in good faith is protected.',
      ja: 'インシデントを誠実に報告した者の保護を明記しました。',
    },
    text: {
      en: 'Nobody suffers a disadvantage for reporting an incident in good faith, their own mistakes included.',
      ja: '自身の過失を含め、インシデントを誠実に報告したことを理由に不利益を受けることはありません。',
    },
    concerned: ['employee'],
  },
  {
    clause: 'office',
    summary: {
      en: 'Where visitors sign in was clarified.',
      ja: '来訪者の受付場所を明確にしました。',
    },
    text: {
      en: 'Visitors sign in at the reception desk and are accompanied.',
      ja: '来訪者は受付で記名し、従業員が付き添います。',
    },
    concerned: [],
  },
];
