import { Button, CopyButton } from '@mantine/core';
import { Facts } from '../../ui/Facts.tsx';
import { Section } from '../../ui/Page.tsx';
import { useWords } from '../../ui/words.ts';
import type { Provider, ProviderSettings } from './page.api.ts';
import classes from './page.module.css';

interface AddressesProps {
  readonly provider: Provider;
  readonly kind: ProviderSettings['kind'];
}

/** What the provider must be told: where it sends people and messages. Entra ID has no back channel. */
export function Addresses({ provider, kind }: AddressesProps) {
  const t = useWords('registers/identity');
  const addresses = [
    { label: t('addresses.redirect'), value: provider.redirectUri },
    { label: t('addresses.signedOut'), value: provider.signedOutUri },
    ...(kind === 'oidc'
      ? [{ label: t('addresses.backChannel'), value: provider.backChannelUri }]
      : []),
  ];
  return (
    <Section title={t('addresses.title')}>
      <p className="kept-soft">{t('addresses.what')}</p>
      <Facts
        facts={addresses.map(({ label, value }) => ({
          label,
          value: <Address name={label} address={value} />,
        }))}
      />
    </Section>
  );
}

function Address({ name, address }: { name: string; address: string }) {
  const u = useWords('ui');
  return (
    <span className={classes.address}>
      <code className="kept-code">{address}</code>
      <CopyButton value={address}>
        {({ copied, copy }) => (
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={copy}
            aria-label={`${u('copy')}: ${name}`}
          >
            {copied ? u('copied') : u('copy')}
          </Button>
        )}
      </CopyButton>
    </span>
  );
}
