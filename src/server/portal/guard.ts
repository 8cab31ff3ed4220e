import type { Guard } from '../../policy/check.ts';

/** What the portal upholds: it acts for one contact, on what is theirs, and asks nobody of the staff. */
export const customerHelpsThemselves: Guard = {
  id: 'customerHelpsThemselves',
  promise: 'RET-4',
  states: {
    en: 'A contact of a customer can see, change, export and delete what is theirs at any time by themselves, and nobody else’s.',
    ja: 'お客様の連絡先の方は、ご自身のデータをいつでも自分で閲覧・変更・書き出し・削除でき、他のお客様のデータには触れられない。',
  },
};
