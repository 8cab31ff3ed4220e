import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { Factors } from '../account/Factors.tsx';
import { HowSignedIn } from '../account/HowSignedIn.tsx';
import { Sessions } from '../account/Sessions.tsx';
import { Tokens } from '../account/Tokens.tsx';
import { useSignInState } from '../identity/useSignInState.ts';

/** One's own account: where one is signed in, by what, and which keys programs hold. */
export default function Account() {
  const t = useWords('web');
  const reader = useReader();
  const standing = useSignInState();
  const login = standing.data?.state === 'signedIn' ? standing.data : undefined;
  // Who comes by the provider has their second factor there.
  const byProvider = login?.provider?.linked && !login.hasPassword && login.passkeys === 0;
  return (
    <Page>
      <PageHeader
        title={t('account.title')}
        sentence={login ? `${reader.person?.name ?? ''} · ${login.email}` : reader.person?.name}
      />
      {standing.error && (
        <ProblemNotice problem={standing.error} retry={() => void standing.refetch()} />
      )}
      {login && (
        <Section title={t('account.provider')}>
          <HowSignedIn login={login} />
        </Section>
      )}
      <Section title={t('account.sessions')}>
        <Sessions />
      </Section>
      {login && !byProvider && <Factors login={login} onChanged={() => void standing.refetch()} />}
      <Section title={t('account.tokens')}>
        <Tokens />
      </Section>
    </Page>
  );
}
