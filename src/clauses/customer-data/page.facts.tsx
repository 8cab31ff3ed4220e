import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { type Fact, Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import classes from './page.case.module.css';
import type { routes } from './routes.ts';

export type CaseDetail = output<(typeof routes)['getCase']['output']>;

const moment = (at: string | null) => at && <RelativeTime at={at} />;
const prose = (text: string) => text && <span className={classes.prose}>{text}</span>;

/** A case over the list: what it is about, and the way to its page. */
export function CaseSummary({ id }: { id: string }) {
  const t = useWords('clauses/customer-data');
  const read = useRead(useApi<typeof routes>().getCase, { id });
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const found = read.data;
  if (!found) return null;
  return (
    <>
      <SheetHeader title={found.customer} sentence={t(`sentences.${found.state}`)} />
      <p>
        <Link to={`/console/cases/${id}`}>{t('openPage')}</Link>
      </p>
      <CaseFacts found={found} />
    </>
  );
}

export function CaseFacts({ found }: { found: CaseDetail }) {
  const t = useWords('clauses/customer-data');
  const facts = [...asked(found, t), ...decided(found, t), ...ended(found, t)];
  // What does not apply has no line.
  return <Facts facts={facts.map(({ label, value }) => ({ label, value: value || null }))} />;
}

function asked(found: CaseDetail, t: Words): readonly Fact[] {
  return [
    { label: t('state'), value: t(`states.${found.state}`) },
    {
      label: t('customer'),
      value: <Link to={`/console/customers/${found.customerId}`}>{found.customer}</Link>,
    },
    { label: t('emergency'), value: found.emergency && t('emergencyYes') },
    { label: t('purpose'), value: prose(found.purpose) },
    {
      label: t('basis'),
      value: t('basisWith', { basis: t(`bases.${found.basis}`), reference: found.basisReference }),
    },
    {
      label: t('consent'),
      value: found.consent && (
        <a href={`/api/v1/cases/${found.id}/consent`} download>
          {t('consentFile')}
        </a>
      ),
    },
    {
      label: t('scope'),
      value: (
        <ul className={classes.scope}>
          {found.scope.map(({ collection, itemIds, whole }) => (
            <li key={collection}>
              {whole
                ? t('scopeWhole', { collection })
                : t('scopeItems', { collection, count: itemIds.length })}
            </li>
          ))}
        </ul>
      ),
    },
    { label: t('fromAt'), value: moment(found.fromAt) },
    { label: t('toAt'), value: moment(found.toAt) },
    { label: t('hours'), value: t('hoursOf', { hours: found.hours }) },
    { label: t('copy'), value: t(found.copy ? 'copyYes' : 'copyNo') },
    { label: t('requester'), value: `${found.requester} · ${t(`roles.${found.role}`)}` },
    { label: t('askedAt'), value: moment(found.askedAt) },
  ];
}

function decided(found: CaseDetail, t: Words): readonly Fact[] {
  const { state } = found;
  return [
    {
      label: t('lapsesAt'),
      value: ['asked', 'awaitingCustomer', 'approved'].includes(state) && moment(found.lapsesAt),
    },
    { label: t('customerDecidedAt'), value: moment(found.customerDecidedAt) },
    { label: t('decidedBy'), value: found.decidedBy },
    { label: t('decidedAt'), value: moment(found.decidedAt) },
    { label: t('reason'), value: prose(found.reason) },
    { label: t('openedAt'), value: moment(found.openedAt) },
    { label: t('endsAt'), value: state === 'open' && moment(found.endsAt) },
  ];
}

function ended(found: CaseDetail, t: Words): readonly Fact[] {
  const { state } = found;
  const over = state === 'ended' || state === 'reconciled';
  return [
    { label: t('endedAt'), value: over && moment(found.endedAt) },
    { label: t('endedBy'), value: over && (found.endedBy ?? t('clock')) },
    { label: t('reads'), value: found.openedAt && String(found.reads) },
    { label: t('reconcileDueAt'), value: state === 'ended' && moment(found.reconcileDueAt) },
    { label: t('reconciledBy'), value: found.reconciledBy },
    { label: t('reconciledAt'), value: moment(found.reconciledAt) },
    { label: t('deviationsFound'), value: state === 'reconciled' && String(found.deviations) },
    { label: t('note'), value: prose(found.note) },
    {
      label: t('toldAt'),
      value: found.toldAt && (
        <>
          {moment(found.toldAt)} {t('toldContacts', { count: found.toldContacts })}
        </>
      ),
    },
    { label: t('reviewDueAt'), value: !found.reviewedAt && moment(found.reviewDueAt) },
    { label: t('verdict'), value: found.verdict && t(`verdicts.${found.verdict}`) },
    { label: t('reviewedBy'), value: found.reviewedBy },
    { label: t('reviewNote'), value: prose(found.reviewNote) },
  ];
}
