import { Button, CopyButton, Group, Modal, MultiSelect, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useReader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import classes from '../identity/identity.module.css';
import { shellApi, type Token } from '../shell/shellApi.ts';

/** Keys by which programs act in one's name; each expires, may do no more than one may oneself, and is shown once. */
export function Tokens() {
  const t = useWords('web');
  const u = useWords('ui');
  const tokens = useRead(shellApi.listMyTokens, {});
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | undefined>(undefined);
  const revoke = useCommand(shellApi.revokeMyToken, {
    done: t('account.tokenRevoked'),
    onDone: () => setRevoking(undefined),
  });
  const live = tokens.data?.items.filter((token) => token.revokedAt === null) ?? [];
  return (
    <>
      <p className="kept-soft">{t('account.tokensWhat')}</p>
      {tokens.error && <ProblemNotice problem={tokens.error} />}
      <ul className={classes.list}>
        {live.map((token) => (
          <TokenLine key={token.id} token={token} revoke={() => setRevoking(token)} />
        ))}
      </ul>
      <Button variant="default" size="xs" onClick={() => setMaking(true)}>
        {t('account.newToken')}
      </Button>
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t('account.newToken')}
        centered
        closeButtonProps={{ 'aria-label': u('close') }}
      >
        <NewToken onClose={() => setMaking(false)} />
      </Modal>
      <ConfirmDialog
        opened={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        danger
        title={t('account.revokeToken', { name: revoking?.name ?? '' })}
        verb={t('account.revoke')}
        run={() => revoking && void revoke.run({ id: revoking.id })}
        running={revoke.running}
        problem={revoke.problem}
      >
        {t('account.revokeTokenWhat')}
      </ConfirmDialog>
    </>
  );
}

function TokenLine({ token, revoke }: { token: Token; revoke: () => void }) {
  const t = useWords('web');
  const roles = token.roles.map((role) => t(`role.${role}`)).join(t('listSeparator'));
  return (
    <li>
      <div>
        {token.name}
        <div className="kept-soft">
          {roles}
          {token.scope && ` · ${token.scope.join(t('listSeparator'))}`} · {t('account.expires')}{' '}
          <RelativeTime at={token.expiresAt} /> · {t('account.lastUsed')}{' '}
          {token.lastUsedAt ? <RelativeTime at={token.lastUsedAt} /> : t('account.never')}
        </div>
      </div>
      <Button
        variant="default"
        size="xs"
        onClick={revoke}
        aria-label={`${t('account.revoke')}: ${token.name}`}
      >
        {t('account.revoke')}
      </Button>
    </li>
  );
}

function NewToken({ onClose }: { onClose: () => void }) {
  const t = useWords('web');
  const reader = useReader();
  const create = useCommand(shellApi.createMyToken);
  const [token, setToken] = useState<string | undefined>(undefined);
  const form = useFields(
    { name: '', roles: [...reader.roles], scope: [] as string[], days: '90' },
    create.fieldErrors,
  );
  const make = async () => {
    const { name, roles, scope, days } = form.values;
    const made = await create.run({
      name,
      roles,
      scope: scope.length === 0 ? null : scope,
      days: Number(days),
    });
    if (made) setToken(made.token);
  };
  if (token) return <ShownOnce token={token} onClose={onClose} />;
  return (
    <FieldForm
      submit={t('account.makeToken')}
      will={t('account.tokenWill')}
      running={create.running}
      problem={create.problem}
      disabled={form.values.roles.length === 0}
      onSubmit={() => void make()}
    >
      <TextInput
        label={t('account.tokenName')}
        description={t('account.tokenNameHint')}
        required
        data-autofocus
        {...form.text('name')}
      />
      <MultiSelect
        label={t('account.tokenRoles')}
        required
        data={reader.roles.map((role) => ({ value: role, label: t(`role.${role}`) }))}
        {...form.choice('roles')}
      />
      <MultiSelect
        label={t('account.tokenScope')}
        description={t('account.tokenScopeHint')}
        searchable
        data={[...reader.permissions]}
        {...form.choice('scope')}
      />
      <Select
        label={t('account.tokenDays')}
        allowDeselect={false}
        data={[7, 30, 90, 366].map((days) => ({
          value: String(days),
          label: t('account.days', { count: days }),
        }))}
        {...form.choice('days')}
      />
    </FieldForm>
  );
}

function ShownOnce({ token, onClose }: { token: string; onClose: () => void }) {
  const t = useWords('web');
  const u = useWords('ui');
  return (
    <>
      <p>{t('account.tokenOnce')}</p>
      <p className="kept-code">{token}</p>
      <Group gap="xs">
        <CopyButton value={token}>
          {({ copied, copy }) => <Button onClick={copy}>{copied ? u('copied') : u('copy')}</Button>}
        </CopyButton>
        <Button variant="default" onClick={onClose}>
          {u('close')}
        </Button>
      </Group>
    </>
  );
}
