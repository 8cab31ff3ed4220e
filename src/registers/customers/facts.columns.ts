import { z } from 'zod';
import { languages } from '../../kernel/language.ts';
import {
  booleanCell,
  choiceCell,
  emailCell,
  integerCell,
  keyCell,
  textCell,
} from '../imports/cells.ts';
import type { Field } from '../imports/table.ts';

/** A row of a file of customers, once its cells were read. */
export const importedCustomer = z.object({
  line: z.int(),
  values: z.object({
    key: z.string().nullish(),
    name: z.string().nullish(),
    reading: z.string().nullish(),
    product: z.string().nullish(),
    basis: z.enum(['terms', 'contract']).nullish(),
    basisReference: z.string().nullish(),
    language: z.enum(languages).nullish(),
    told: z.enum(['atOnce', 'atEnd']).nullish(),
    approvesCases: z.boolean().nullish(),
    termMonths: z.number().nullish(),
    contactName: z.string().nullish(),
    contactEmail: z.string().nullish(),
  }),
});
export type ImportedCustomer = z.infer<typeof importedCustomer>;

/** Columns of an import of customers, with the headers that other registers give them. */
export const customersFields = {
  key: {
    cell: keyCell,
    headers: ['id', 'account', 'customer id', 'キー', '顧客ID', '顧客コード', 'アカウント'],
    required: true,
  },
  name: {
    cell: textCell(200),
    headers: ['customer', 'customer name', 'company', '顧客名', '会社名', '名称'],
    required: true,
  },
  reading: { cell: textCell(200), headers: ['kana', 'furigana', '読み', 'フリガナ', 'ふりがな'] },
  product: {
    cell: keyCell,
    headers: ['product key', 'service', '製品', '製品キー', 'サービス'],
    required: true,
  },
  basis: {
    cell: choiceCell([
      ['terms', 'terms of use', '利用規約', '規約'],
      ['contract', 'agreement', '契約', '契約書'],
    ]),
    headers: ['legal basis', '根拠', '法的根拠'],
    required: true,
  },
  basisReference: {
    cell: textCell(200),
    headers: ['contract number', 'terms version', 'reference', '契約番号', '規約の版'],
    required: true,
  },
  language: {
    cell: choiceCell([
      ['en', 'english', '英語'],
      ['ja', 'japanese', '日本語'],
    ]),
    headers: ['lang', '言語'],
  },
  told: {
    cell: choiceCell([
      ['atOnce', 'at once', 'immediately', '直ちに', '即時'],
      ['atEnd', 'at the end', 'at end', '終了時'],
    ]),
    headers: ['told of cases', '案件の通知'],
  },
  approvesCases: {
    cell: booleanCell,
    headers: ['approves cases', 'customer approval', '顧客の承認'],
  },
  termMonths: {
    cell: integerCell(1, 1200),
    headers: ['term', 'months', 'retention months', '保持月数', '保持期間'],
  },
  contactName: { cell: textCell(200), headers: ['contact', '担当者', '担当者名', '連絡先'] },
  contactEmail: {
    cell: emailCell,
    headers: ['contact email', 'email', 'mail', 'メール', 'メールアドレス', '担当者メール'],
  },
} satisfies Record<keyof ImportedCustomer['values'], Field>;
