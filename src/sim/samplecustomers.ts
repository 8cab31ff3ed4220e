import type { JsonObject } from '../kernel/json.ts';
import type { ImportedCustomer } from '../registers/customers/facts.ts';

/**
 * The customers of the sample company. They are plainly samples: numbered, and every address is at
 * example.com.
 */

const region = 'AWS ap-northeast-1 (Tokyo)';

/** Two products in our cloud and one that stays with the customer (RET-3). */
export const products = [
  {
    key: 'scheduler',
    name: 'Sample Scheduler',
    kind: 'cloud',
    custody: 'vault',
    holdings: [
      {
        what: { en: 'Schedules and their inputs', ja: 'スケジュールとその入力データ' },
        place: region,
        controller: 'customer',
        collection: 'schedules',
      },
      {
        what: { en: 'Documents that users upload', ja: '利用者がアップロードした書類' },
        place: region,
        controller: 'customer',
        collection: 'documents',
      },
      {
        what: { en: 'Billing addresses', ja: '請求先' },
        place: region,
        controller: 'company',
        collection: null,
      },
    ],
  },
  {
    key: 'planner',
    name: 'Sample Planner',
    kind: 'cloud',
    custody: 'vault',
    holdings: [
      {
        what: { en: 'Plans, with who works when', ja: '計画と勤務予定' },
        place: region,
        controller: 'customer',
        collection: 'schedules',
      },
      {
        what: { en: 'Attached documents', ja: '添付書類' },
        place: region,
        controller: 'customer',
        collection: 'documents',
      },
    ],
  },
  {
    key: 'solver',
    name: 'Sample Solver',
    kind: 'installed',
    custody: 'none',
    holdings: [
      {
        what: { en: 'Models and results', ja: 'モデルと計算結果' },
        place: 'The customer’s own servers',
        controller: 'customer',
        collection: null,
      },
    ],
  },
] as const;

interface SampleCustomer {
  readonly key: string;
  readonly name: string;
  readonly reading: string | null;
  readonly product: (typeof products)[number]['key'];
  readonly language: 'en' | 'ja';
  readonly contract: { readonly number: string; readonly months: number } | null;
  readonly told: 'atOnce' | 'atEnd';
  readonly approvesCases: boolean;
  readonly entrusts: boolean;
}

const count = 14;

/** By number: every third is Japanese, every other has a contract, two use what is installed with them. */
export const sampleCustomers: readonly SampleCustomer[] = Array.from({ length: count }, (_, at) =>
  sampleCustomer(at + 1),
);

function sampleCustomer(n: number): SampleCustomer {
  const number = String(n).padStart(2, '0');
  const language = n % 3 === 0 ? 'ja' : 'en';
  const product = n === 13 || n === 14 ? 'solver' : n % 4 === 0 ? 'planner' : 'scheduler';
  return {
    key: `sample-${number}`,
    name: language === 'ja' ? `株式会社見本顧客${number}` : `Sample Customer ${number}`,
    reading: language === 'ja' ? `みほんこきゃく${number}` : null,
    product,
    language,
    contract: n % 2 === 0 ? { number: `C-2025-${number}`, months: 24 } : null,
    told: n % 4 === 1 ? 'atOnce' : 'atEnd',
    approvesCases: n === 6,
    entrusts: product !== 'solver',
  };
}

/** The customers as rows of a file, each with its first contact. */
export function sampleFile(): ImportedCustomer[] {
  return sampleCustomers.map((sample, at) => ({
    line: at + 2,
    values: {
      key: sample.key,
      name: sample.name,
      reading: sample.reading,
      product: sample.product,
      basis: sample.contract ? 'contract' : 'terms',
      basisReference: sample.contract?.number ?? '2025-04',
      language: sample.language,
      told: sample.told,
      approvesCases: sample.approvesCases,
      termMonths: sample.contract?.months ?? null,
      contactName: sample.language === 'ja' ? '見本 担当' : 'Sample Contact',
      contactEmail: `owner@${sample.key}.example.com`,
    },
  }));
}

/** What a sample customer has in the vault: a few records and one document. */
export function sampleRecords(key: string): {
  readonly records: readonly { readonly key: string; readonly value: JsonObject }[];
  readonly object: { readonly name: string; readonly text: string };
} {
  const weeks = ['2026-W01', '2026-W02', '2026-W03'];
  return {
    records: weeks.map((week, at) => ({
      key: week,
      value: { week, shifts: 10 + at, sample: true },
    })),
    object: { name: `handbook ${key}.txt`, text: `Sample document of ${key}.\n`.repeat(40) },
  };
}
