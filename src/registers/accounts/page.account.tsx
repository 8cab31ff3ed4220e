import { Select } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { Facts } from '../../ui/Facts.tsx';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { Link } from '../../ui/Link.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useList, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import { PersonLink } from '../page.PersonLink.tsx';
import { PersonSelect } from '../page.PersonSelect.tsx';
import { SubjectTimeline } from '../page.timeline.tsx';
import type { AccountKind } from './facts.ts';
import type { AccountItem } from './list.ts';
import type { routes } from './routes.ts';

/** Lines of access that an account's page shows itself; the register has all of them. */
const shown = 100;

/** An account's page: whose it is, what it holds, what happened. */
export default function AccountPage() {
  const t = useWords('registers/accounts');
  const id = useParam('id');
  const account = useRead(useApi<typeof routes>().getAccount, { id });
  if (account.error)
    return <ProblemNotice problem={account.error} retry={() => account.refetch()} />;
  if (!account.data) return <Page>{null}</Page>;
  return (
    <Page>
      <PageHeader
        title={account.data.name}
        sentence={t('onSystem', { system: account.data.systemName })}
        above={<Link to="/console/access">{t('title')}</Link>}
      />
      <FactsAndTimeline
        facts={<AccountBody account={account.data} />}
        timeline={
          <Section title={t('timeline')}>
            <SubjectTimeline subject={`account/${id}`} />
          </Section>
        }
      />
    </Page>
  );
}

/** Facts, whose it is, and what it holds. */
export function AccountBody({ account }: { account: AccountItem }) {
  const t = useWords('registers/accounts');
  return (
    <>
      <Facts
        facts={[
          {
            label: t('system'),
            value: <Link to={`/console/systems/${account.system}`}>{account.systemName}</Link>,
          },
          {
            label: t('person'),
            value: account.personId ? (
              <PersonLink id={account.personId} name={account.person} />
            ) : (
              t('nobody')
            ),
          },
          { label: t('department'), value: account.department },
          { label: t('kind.label'), value: t(`kind.${account.kind}`) },
        ]}
      />
      <Whose key={account.personId} account={account} />
      <Held account={account} />
    </>
  );
}

/** Whose the account is and what for: who may say so, says so here. */
function Whose({ account }: { account: AccountItem }) {
  const t = useWords('registers/accounts');
  const api = useApi<typeof routes>();
  const mayLink = useMay('linkAccount');
  const link = useCommand(api.linkAccount, { done: t('linked') });
  const mark = useCommand(api.markAccount, { done: t('marked') });
  const [personId, setPersonId] = useState(account.personId);
  if (!mayLink) return null;
  const kinds = (['staff', 'service', 'break-glass'] as const).map((value) => ({
    value,
    label: t(`kind.${value}`),
  }));
  return (
    <Section title={t('whose')}>
      <FieldForm
        onSubmit={() => void link.run({ id: account.id, personId })}
        submit={t('link')}
        disabled={personId === account.personId}
        running={link.running}
        problem={link.problem ?? mark.problem}
      >
        <PersonSelect
          label={t('person')}
          value={personId}
          chosen={account.person}
          onChange={setPersonId}
        />
        <Select
          label={t('kind.label')}
          description={t('kind.hint')}
          data={kinds}
          allowDeselect={false}
          value={account.kind}
          onChange={(kind) =>
            kind &&
            kind !== account.kind &&
            void mark.run({ id: account.id, kind: kind as AccountKind })
          }
        />
      </FieldForm>
    </Section>
  );
}

function Held({ account }: { account: AccountItem }) {
  const t = useWords('registers/accounts');
  const held = useList(useApi<typeof routes>().listGrants, {
    account: account.id,
    limit: shown,
    sort: 'entitlement',
  });
  const items = held.data?.items ?? [];
  const more = (held.data?.total ?? 0) - items.length;
  return (
    <Section title={t('accesses')}>
      {held.error && <ProblemNotice problem={held.error} retry={() => held.refetch()} />}
      {held.data && items.length === 0 && <p className="kept-soft">{t('holdsNothing')}</p>}
      <ul>
        {items.map((access) => (
          <li key={access.entitlementId}>
            <Link to={`/console/access?open=${account.id}_${access.entitlementId}`}>
              {access.entitlement}
            </Link>{' '}
            · {t(`state.${access.state}`)}
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Link to={`/console/access?q=${encodeURIComponent(account.name)}`}>
          {t('more', { count: more })}
        </Link>
      )}
    </Section>
  );
}
