import type { Context, Effect } from '../../policy/event.ts';
import type {
  CaseDecided,
  CaseLapsed,
  CaseOpened,
  CaseReconciled,
  CaseRequested,
  CustomerDecided,
  CustomerTold,
  ExtensionAsked,
  ExtensionDecided,
} from './facts.ts';
import type { CaseInHand, FoundCase } from './flow.cases.ts';
import type { ReconcilingState } from './flow.closing.ts';
import type { RequestingState } from './flow.requesting.ts';

/** Who is told what of a case: colleagues by its page, customers by their portal. */

/** As whom somebody of ours acted: what a customer is told instead of a name. */
const roleTitles: Readonly<Record<string, { readonly en: string; readonly ja: string }>> = {
  support: { en: 'our support', ja: 'サポート担当者' },
  'commercial-officer': { en: 'our commercial officer', ja: '最高営業責任者' },
  'security-officer': { en: 'our security officer', ja: 'セキュリティ責任者' },
  engineer: { en: 'our engineering', ja: '技術担当者' },
  employee: { en: 'our staff', ja: '従業員' },
};

const titleOf = (role: string) => roleTitles[role] ?? { en: role, ja: role };

/** `2026-11-23 14:05 (Asia/Tokyo)`: the same in every language. */
function timeText(at: Temporal.Instant, zone: string): string {
  const local = at.toZonedDateTimeISO(zone).toPlainDateTime();
  const text = local.toString({ smallestUnit: 'minute', calendarName: 'never' });
  return `${text.replace('T', ' ')} (${zone})`;
}

const idOf = (subject: string): string => subject.slice('case/'.length);

function toColleague(
  to: string,
  template: string,
  subject: string,
  params: Readonly<Record<string, string | number>>,
): Effect {
  return {
    kind: 'mail',
    to,
    template: `customer-data.${template}`,
    params,
    path: `/console/cases/${idOf(subject)}`,
  };
}

function toCustomer(
  to: readonly string[],
  template: string,
  subject: string,
  params: Readonly<Record<string, string | number>>,
): readonly Effect[] {
  return to.map((contact) => ({
    kind: 'customerMail',
    to: contact,
    template: `customer-data.${template}`,
    params,
    path: `/portal/cases/${idOf(subject)}`,
  }));
}

/** The customer's owners where they decide first; else whoever may approve. */
export function mailsOfRequest(
  { subject, body, private: { purpose } }: CaseRequested,
  { customer, approvers, owners }: RequestingState,
  _context: Context,
): readonly Effect[] {
  if (body.customerNeeded) {
    const params = { purpose, hours: body.hours, ...titleOf(body.role) };
    return toCustomer(owners, 'caseToApprove', subject, params);
  }
  const template = body.emergency ? 'emergencyAsked' : 'caseAsked';
  const params = { customer: customer?.name ?? '', purpose };
  return approvers.map((to) => toColleague(to, template, subject, params));
}

/** Whoever asked learns what was decided; of an opened emergency the customer learns at once. */
export function mailsOfDeciding(
  event: CaseDecided | CaseOpened | CustomerTold,
  { found, contacts }: CaseInHand,
  { now, zone }: Context,
): readonly Effect[] {
  if (!found) return [];
  switch (event.type) {
    case 'CaseDecided': {
      const template = event.body.decision === 'approve' ? 'caseApproved' : 'caseRefused';
      const params = { customer: found.customer, reason: event.private.reason };
      return [toColleague(found.requesterId, template, event.subject, params)];
    }
    case 'CaseOpened':
      return [];
    case 'CustomerTold':
      return toCustomer(contacts, `caseOpened-${found.basis}`, event.subject, {
        purpose: found.purpose,
        from: timeText(now, zone),
        until: timeText(now.add({ hours: found.hours }), zone),
        ...titleOf(found.role),
      });
  }
}

export function mailsByCustomer(
  { subject, body }: CustomerDecided,
  { found }: CaseInHand,
): readonly Effect[] {
  if (!found) return [];
  const template = body.decision === 'approve' ? 'customerApproved' : 'customerRefused';
  return [toColleague(found.requesterId, template, subject, { customer: found.customer })];
}

export function mailsOfLapse({ subject }: CaseLapsed, { found }: CaseInHand): readonly Effect[] {
  if (!found) return [];
  return [toColleague(found.requesterId, 'caseLapsed', subject, { customer: found.customer })];
}

/** Where the contract wants the customer's word on a case, it wants it on more hours as well. */
export function mailsOfExtensionAsked(
  { subject, body, private: { why } }: ExtensionAsked,
  { found, contacts }: CaseInHand,
): readonly Effect[] {
  if (!found?.customerNeeded) return [];
  const params = { purpose: why, hours: body.hours, ...titleOf(found.role) };
  return toCustomer(contacts, 'moreToApprove', subject, params);
}

export function mailsOfExtension(
  { subject, body }: ExtensionDecided,
  { found }: CaseInHand,
): readonly Effect[] {
  if (!found) return [];
  const template = body.decision === 'approve' ? 'moreApproved' : 'moreRefused';
  return [toColleague(found.requesterId, template, subject, { customer: found.customer })];
}

/** At its end the customer is told: why, on what ground, who, what was read, from when to when. */
export function mailsOfReconciling(
  event: CaseReconciled | CustomerTold,
  { found, contacts, list, summary }: ReconcilingState,
  { zone }: Context,
): readonly Effect[] {
  if (!found || event.type !== 'CustomerTold') return [];
  return toCustomer(contacts, templateAtEnd(found, list.reads), event.subject, {
    purpose: found.purpose,
    reads: list.reads,
    what: summary,
    from: found.openedAt ? timeText(found.openedAt, zone) : '',
    until: found.endedAt ? timeText(found.endedAt, zone) : '',
    ...titleOf(found.role),
  });
}

function templateAtEnd({ basis }: FoundCase, reads: number): string {
  return reads === 0 ? 'nothingRead' : `caseEnded-${basis}`;
}
