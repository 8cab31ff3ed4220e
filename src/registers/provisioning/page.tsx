import { Button, CopyButton, Radio, Skeleton, Stack } from '@mantine/core';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { type Provisioning, provisioningApi } from './page.api.ts';
import { Groups } from './page.groups.tsx';
import classes from './page.module.css';
import { Tokens } from './page.tokens.tsx';

/** How a directory says who works here: where it speaks to Kept, by which token, and what follows. */
export default function ProvisioningPage() {
  const t = useWords('registers/provisioning');
  const read = useRead(provisioningApi.getProvisioning, {});
  const provisioning = read.data;
  return (
    <Page>
      <PageHeader
        title={t('title')}
        sentence={provisioning && t('users', { count: provisioning.users })}
      />
      {read.error && <ProblemNotice problem={read.error} retry={() => read.refetch()} />}
      {provisioning ? <Settings provisioning={provisioning} /> : <Skeleton height={600} />}
    </Page>
  );
}

function Settings({ provisioning }: { provisioning: Provisioning }) {
  const t = useWords('registers/provisioning');
  return (
    <>
      <Section title={t('address')}>
        <p className="kept-soft">{t('addressWhat')}</p>
        <Address address={provisioning.url} />
      </Section>
      <Section title={t('tokens.title')}>
        <Tokens tokens={provisioning.tokens} />
      </Section>
      <Section title={t('deactivation.title')}>
        <Deactivation what={provisioning.onDeactivation} />
      </Section>
      <Section title={t('groups.title')}>
        <Groups groups={provisioning.groups} />
      </Section>
    </>
  );
}

function Address({ address }: { address: string }) {
  const t = useWords('registers/provisioning');
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
            aria-label={`${u('copy')}: ${t('address')}`}
          >
            {copied ? u('copied') : u('copy')}
          </Button>
        )}
      </CopyButton>
    </span>
  );
}

function Deactivation({ what }: { what: Provisioning['onDeactivation'] }) {
  const t = useWords('registers/provisioning');
  const may = useMay('manageProvisioning');
  const set = useCommand(provisioningApi.setOnDeactivation, { done: t('deactivation.done') });
  return (
    <>
      {set.problem && <ProblemNotice problem={set.problem} />}
      <Radio.Group
        label={t('deactivation.what')}
        value={what}
        onChange={(value) => void set.run({ what: value as Provisioning['onDeactivation'] })}
      >
        <Stack gap="xs" mt="xs">
          {(['leave', 'suspend'] as const).map((each) => (
            <Radio
              key={each}
              value={each}
              label={t(`deactivation.${each}`)}
              description={t(`deactivation.${each}Means`)}
              disabled={!may || set.running}
            />
          ))}
        </Stack>
      </Radio.Group>
    </>
  );
}
