import { sql } from 'kysely';
import type { Check, Violation } from '../../policy/check.ts';
import { contactsChanged } from '../../registers/customers/facts.ts';

/** Within so many hours somebody else confirms what one person did. */
export const confirmWithinHours = 24;

/** Who may enter the portal, and who did so unconfirmed before they were removed. */
const enters = sql`(
  select it.id, it.unconfirmed_since, it.placed_by, coalesce(customer.name, customer.key) as name, customer.key
  from customer_contact it join customer on customer.id = it.customer_id
  where customer.name is not null and (
    it.removed_at is null and it.part <> 'billing' or it.entered_unconfirmed))`;

/**
 * CUS-2: nobody of ours becomes a customer alone. The customer reads everything without a case; so
 * whom staff lets in as one is confirmed by an owner of the account, or by another officer.
 */
export const contactsAreConfirmedByAnother: Check = {
  id: 'customer-data.contactsAreConfirmedByAnother',
  promise: 'CUS-2',
  states: {
    en: 'Every contact whom staff let into a customer’s portal was confirmed within 24 hours by somebody else: an owner of the account or another officer.',
    ja: '従業員がお客様のポータルに入れるようにした連絡先は、すべて24時間以内に、アカウントの所有者または別の責任者が確認している。',
  },
  finding: {
    en: '{label}: the contact {contact}, added or changed by {by} at {at}, has been confirmed by nobody else.',
    ja: '{label}：連絡先 {contact}（{at} に {byJa} が追加または変更）は、まだ誰にも確認されていません。',
  },
  changedBy: [...contactsChanged, 'ContactSignedIn', 'CustomerRegistered', 'RecordsDisposed'],
  population: () => sql`select count(*)::int as examined from ${enters} it`,
  violations: (now, zone) => sql<Violation>`
    select 'contact' as subject_kind, it.id as subject_id, it.name as label,
      jsonb_build_object('contact', it.id, 'key', it.key, 'by', coalesce(people.names, 'a program'),
        'byJa', coalesce(people.names, 'プログラム'),
        'at', to_char(it.unconfirmed_since at time zone ${zone}, 'YYYY-MM-DD HH24:MI')) as detail,
      null::uuid as owner_id
    from ${enters} it left join lateral (
      select string_agg(coalesce(nullif(person.name, ''), person.id::text), ', ' order by person.id) as names
      from person where person.id = any(it.placed_by)) people on true
    where it.unconfirmed_since <= ${now.subtract({ hours: confirmWithinHours })}`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Temporal.Instant | null }>`
      select min(unconfirmed_since) as at from customer_contact
      where unconfirmed_since > ${now.subtract({ hours: confirmWithinHours })}`.execute(db);
    return rows[0]?.at?.add({ hours: confirmWithinHours }) ?? null;
  },
  deadlineDays: 0,
  path: '/console/customers',
};
