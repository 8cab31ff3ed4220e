import { Button, Modal } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import classes from '../identity/identity.module.css';
import { shellApi, type Token } from '../shell/shellApi.ts';

const NewToken = lazy(() => import('./NewToken.tsx'));

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
        <Suspense fallback={null}>
          <NewToken onClose={() => setMaking(false)} />
        </Suspense>
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
