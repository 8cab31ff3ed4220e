import { Skeleton } from '@mantine/core';
import { lazily } from '../../ui/lazily.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { signInApi } from './page.api.ts';
import { ProviderForm } from './page.provider.tsx';

// Below the form that the page is opened for, with dialogs of their own.
const Logins = lazily(async () => (await import('./page.logins.tsx')).Logins);
const Strangers = lazily(async () => (await import('./page.strangers.tsx')).Strangers);

/** How people sign in: the provider, what its roles mean here, who is who there, who may do without. */
export default function SignInPage() {
  const t = useWords('registers/identity');
  const provider = useRead(signInApi.readSignInProvider, {});
  const standing = provider.data && standingOf(provider.data);
  return (
    <Page>
      <PageHeader
        title={t('title')}
        sentence={standing && t(`standing.${standing}`, { label: provider.data.settings.label })}
      />
      {provider.error && (
        <ProblemNotice problem={provider.error} retry={() => provider.refetch()} />
      )}
      {provider.data ? (
        <ProviderForm key={provider.data.revision} provider={provider.data} />
      ) : (
        <Skeleton height={600} />
      )}
      {provider.data && provider.data.revision > 0 && (
        <Section title={t('strangers.title')}>
          <Strangers />
        </Section>
      )}
      <Section title={t('logins.title')}>
        <Logins linkable={(provider.data?.revision ?? 0) > 0} kind={provider.data?.settings.kind} />
      </Section>
    </Page>
  );
}

function standingOf({ revision, enabled }: { revision: number; enabled: boolean }) {
  if (revision === 0) return 'none';
  return enabled ? 'on' : 'off';
}
