import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { ShownOnce } from '../../ui/ShownOnce.tsx';
import { useWords } from '../../ui/words.ts';
import { type ProvisioningToken, provisioningApi } from './page.api.ts';
import classes from './page.module.css';

/** Tokens of directories, newest first; what was revoked or is over stays listed. */
export function Tokens({ tokens }: { tokens: readonly ProvisioningToken[] }) {
  const t = useWords('registers/provisioning');
  const u = useWords('ui');
  const may = useMay('manageProvisioning');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ProvisioningToken | undefined>(undefined);
  const revoke = useCommand(provisioningApi.revokeProvisioningToken, {
    done: t('tokens.revoked'),
    onDone: () => setRevoking(undefined),
  });
  return (
    <>
      <p className="kept-soft">{t(tokens.length > 0 ? 'tokens.what' : 'tokens.none')}</p>
      <ul className={classes.lines}>
        {tokens.map((token) => (
          <TokenLine
            key={token.id}
            token={token}
            revoke={may && token.valid ? () => setRevoking(token) : undefined}
          />
        ))}
      </ul>
      {may && (
        <Button variant="default" size="xs" onClick={() => setMaking(true)}>
          {t('tokens.new')}
        </Button>
      )}
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t('tokens.new')}
        centered
        closeButtonProps={{ 'aria-label': u('close') }}
      >
        <NewToken onClose={() => setMaking(false)} />
      </Modal>
      <ConfirmDialog
        opened={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        danger
        title={t('tokens.revokeTitle', { name: revoking?.name ?? '' })}
        verb={t('tokens.revoke')}
        run={() => revoking && void revoke.run({ id: revoking.id })}
        running={revoke.running}
        problem={revoke.problem}
      >
        {t('tokens.revokeWhat')}
      </ConfirmDialog>
    </>
  );
}

interface TokenLineProps {
  readonly token: ProvisioningToken;
  readonly revoke: (() => void) | undefined;
}

function TokenLine({ token, revoke }: TokenLineProps) {
  const t = useWords('registers/provisioning');
  const standing = token.revokedAt ? 'revokedAt' : token.valid ? 'validUntil' : 'overSince';
  return (
    <li>
      <div>
        {token.name}
        <div className="kept-soft">
          {t(`tokens.${standing}`)} <RelativeTime at={token.revokedAt ?? token.expiresAt} /> ·{' '}
          {t('tokens.uses', { count: token.uses })}
          {token.lastUsedAt && (
            <>
              {' · '}
              {t('tokens.lastUsed')} <RelativeTime at={token.lastUsedAt} />
            </>
          )}
        </div>
      </div>
      {revoke && (
        <Button
          variant="default"
          size="xs"
          onClick={revoke}
          aria-label={`${t('tokens.revoke')}: ${token.name}`}
        >
          {t('tokens.revoke')}
        </Button>
      )}
    </li>
  );
}

/** Name and days of a new token; then the token itself, once. */
function NewToken({ onClose }: { onClose: () => void }) {
  const t = useWords('registers/provisioning');
  const issue = useCommand(provisioningApi.issueProvisioningToken);
  const [token, setToken] = useState<string | undefined>(undefined);
  const form = useFields({ name: '', days: '180' }, issue.fieldErrors);
  const make = async () => {
    const { name, days } = form.values;
    const made = await issue.run({ name, days: Number(days) });
    if (made) setToken(made.token);
  };
  if (token) return <ShownOnce says={t('tokens.once')} secret={token} onClose={onClose} />;
  return (
    <FieldForm
      submit={t('tokens.make')}
      will={t('tokens.will')}
      running={issue.running}
      problem={issue.problem}
      onSubmit={() => void make()}
    >
      <TextInput
        label={t('tokens.name')}
        description={t('tokens.nameHint')}
        required
        data-autofocus
        {...form.text('name')}
      />
      <Select
        label={t('tokens.days')}
        allowDeselect={false}
        data={[30, 90, 180, 366].map((days) => ({
          value: String(days),
          label: t('tokens.daysOf', { count: days }),
        }))}
        {...form.choice('days')}
      />
    </FieldForm>
  );
}
