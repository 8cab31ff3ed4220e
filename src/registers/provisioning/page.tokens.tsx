import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Lines } from '../../ui/Lines.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useMay } from '../../ui/reader.tsx';
import { ShownOnce } from '../../ui/ShownOnce.tsx';
import { useWords } from '../../ui/words.ts';
import { TokenDays, TokenLine } from '../page.tokens.tsx';
import { type ProvisioningToken, provisioningApi } from './page.api.ts';

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
      <Lines>
        {tokens.map((token) => (
          <TokenLine
            key={token.id}
            t={t}
            token={token}
            acts={
              may
                ? [
                    {
                      verb: t('tokens.revoke'),
                      name: `${t('tokens.revoke')}: ${token.name}`,
                      run: () => setRevoking(token),
                    },
                  ]
                : []
            }
          />
        ))}
      </Lines>
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
      <TokenDays t={t} field={form.choice('days')} />
    </FieldForm>
  );
}
