import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { type LineAct, Lines } from '../../ui/Lines.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { ShownOnce } from '../../ui/ShownOnce.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import { TokenDays, TokenLine } from '../page.tokens.tsx';
import { type VaultProduct, type VaultToken, vaultApi } from './page.api.ts';

interface TokensProps {
  readonly tokens: readonly VaultToken[];
  readonly products: readonly VaultProduct[];
}

type Asking =
  | { readonly what: 'new' }
  | { readonly what: 'rename' | 'rotate' | 'revoke'; readonly token: VaultToken }
  | null;

/** Tokens of products, newest first; what was revoked or is over stays listed. */
export function Tokens({ tokens, products }: TokensProps) {
  const t = useWords('registers/vault');
  const may = useMay('manageVault');
  const mayConfirm = useMay('confirmVaultToken');
  const confirm = useCommand(vaultApi.confirmVaultToken, { done: t('tokens.confirmed') });
  const [asking, setAsking] = useState<Asking>(null);
  return (
    <>
      <p className="kept-soft">{t(tokens.length > 0 ? 'tokens.what' : 'tokens.none')}</p>
      <Lines>
        {tokens.map((token) => {
          const waits = token.confirmedAt === null && (token.valid || token.uses > 0);
          const run = () => void confirm.run({ id: token.id });
          const confirming = waits && mayConfirm && !token.mine ? [confirmOf(t, token, run)] : [];
          return (
            <TokenLine
              key={token.id}
              t={t}
              token={token}
              of={token.product}
              acts={[...confirming, ...(may ? actsOf(t, token, setAsking) : [])]}
              actsWhenOver={confirming}
            >
              {waits && (
                <div>
                  {t(token.mine ? 'tokens.waitsForAnother' : 'tokens.waits')}{' '}
                  <RelativeTime at={token.madeAt} />
                </div>
              )}
            </TokenLine>
          );
        })}
      </Lines>
      {confirm.problem && <ProblemNotice problem={confirm.problem} />}
      {may && products.length > 0 && (
        <Button variant="default" size="xs" onClick={() => setAsking({ what: 'new' })}>
          {t('tokens.new')}
        </Button>
      )}
      <Asked asking={asking} products={products} close={() => setAsking(null)} />
    </>
  );
}

function confirmOf(t: Words, { name }: VaultToken, run: () => void): LineAct {
  const verb = t('tokens.confirm');
  return { verb, name: `${verb}: ${name}`, run };
}

function actsOf(t: Words, token: VaultToken, ask: (asking: Asking) => void): readonly LineAct[] {
  return (['rename', 'rotate', 'revoke'] as const).map((what) => ({
    verb: t(`tokens.${what}`),
    name: `${t(`tokens.${what}`)}: ${token.name}`,
    run: () => ask({ what, token }),
  }));
}

interface AskedProps {
  readonly asking: Asking;
  readonly products: readonly VaultProduct[];
  readonly close: () => void;
}

function Asked({ asking, products, close }: AskedProps) {
  const t = useWords('registers/vault');
  const u = useWords('ui');
  const token = asking && asking.what !== 'new' ? asking.token : undefined;
  const inForm = asking !== null && asking.what !== 'revoke';
  return (
    <>
      <Modal
        opened={inForm}
        onClose={close}
        title={inForm ? t(`tokens.${asking.what}`) : ''}
        centered
        closeButtonProps={{ 'aria-label': u('close') }}
      >
        {asking?.what === 'new' && <NewToken products={products} close={close} />}
        {asking?.what === 'rotate' && <Rotation token={asking.token} close={close} />}
        {asking?.what === 'rename' && <Renaming token={asking.token} close={close} />}
      </Modal>
      <Revoking token={asking?.what === 'revoke' ? token : undefined} close={close} />
    </>
  );
}

function Revoking({ token, close }: { token: VaultToken | undefined; close: () => void }) {
  const t = useWords('registers/vault');
  const revoke = useCommand(vaultApi.revokeVaultToken, {
    done: t('tokens.revoked'),
    onDone: close,
  });
  return (
    <ConfirmDialog
      opened={token !== undefined}
      onClose={close}
      danger
      title={t('tokens.revokeTitle', { name: token?.name ?? '' })}
      verb={t('tokens.revoke')}
      run={() => token && void revoke.run({ id: token.id })}
      running={revoke.running}
      problem={revoke.problem}
    >
      {t('tokens.revokeWhat')}
    </ConfirmDialog>
  );
}

/** Product, name and days of a new token; then the token itself, once. */
function NewToken({ products, close }: Omit<AskedProps, 'asking'>) {
  const t = useWords('registers/vault');
  const issue = useCommand(vaultApi.issueVaultToken);
  const [secret, setSecret] = useState<string | undefined>(undefined);
  const first = products[0]?.id ?? '';
  const form = useFields({ productId: first, name: '', days: '180' }, issue.fieldErrors);
  const make = async () => {
    const { productId, name, days } = form.values;
    const made = await issue.run({ productId, name, days: Number(days) });
    if (made) setSecret(made.token);
  };
  if (secret) return <ShownOnce says={t('tokens.once')} secret={secret} onClose={close} />;
  return (
    <FieldForm
      submit={t('tokens.make')}
      will={t('tokens.will')}
      running={issue.running}
      problem={issue.problem}
      onSubmit={() => void make()}
    >
      <Select
        label={t('tokens.product')}
        allowDeselect={false}
        data={products.map(({ id, name }) => ({ value: id, label: name }))}
        {...form.choice('productId')}
      />
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

/** The token that takes the place of another. */
function Rotation({ token, close }: { token: VaultToken; close: () => void }) {
  const t = useWords('registers/vault');
  const rotate = useCommand(vaultApi.rotateVaultToken);
  const [secret, setSecret] = useState<string | undefined>(undefined);
  const make = async () => {
    const made = await rotate.run({ id: token.id, days: 180 });
    if (made) setSecret(made.token);
  };
  if (secret) return <ShownOnce says={t('tokens.once')} secret={secret} onClose={close} />;
  return (
    <FieldForm
      submit={t('tokens.rotate')}
      will={t('tokens.rotateWhat')}
      running={rotate.running}
      problem={rotate.problem}
      onSubmit={() => void make()}
    >
      <p>{token.name}</p>
    </FieldForm>
  );
}

function Renaming({ token, close }: { token: VaultToken; close: () => void }) {
  const t = useWords('registers/vault');
  const rename = useCommand(vaultApi.renameVaultToken, {
    done: t('tokens.renamed'),
    onDone: close,
  });
  const form = useFields({ name: token.name }, rename.fieldErrors);
  return (
    <FieldForm
      submit={t('tokens.rename')}
      running={rename.running}
      problem={rename.problem}
      onSubmit={() => void rename.run({ id: token.id, name: form.values.name })}
    >
      <TextInput label={t('tokens.name')} required data-autofocus {...form.text('name')} />
    </FieldForm>
  );
}
