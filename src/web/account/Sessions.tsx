import { Button } from '@mantine/core';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import { describeDevice } from '../identity/describeDevice.ts';
import classes from '../identity/identity.module.css';
import { type Session, shellApi } from '../shell/shellApi.ts';

/** Where one is signed in; each can be signed out at once. */
export function Sessions() {
  const t = useWords('web');
  const sessions = useRead(shellApi.listMySessions, {});
  const revoke = useCommand(shellApi.revokeMySession, { done: t('account.signedOut') });
  const others = useCommand(shellApi.revokeMyOtherSessions, { done: t('account.signedOut') });
  const problem = sessions.error ?? revoke.problem ?? others.problem;
  const items = sessions.data?.items ?? [];
  return (
    <>
      {problem && <ProblemNotice problem={problem} />}
      <ul className={classes.list}>
        {items.map((session) => (
          <SessionLine
            key={session.id}
            session={session}
            busy={revoke.running}
            revoke={() => void revoke.run({ id: session.id })}
          />
        ))}
      </ul>
      {items.length > 1 && (
        <Button
          variant="default"
          size="xs"
          loading={others.running}
          onClick={() => void others.run({})}
        >
          {t('account.signOutOthers')}
        </Button>
      )}
    </>
  );
}

function SessionLine({
  session,
  busy,
  revoke,
}: {
  session: Session;
  busy: boolean;
  revoke: () => void;
}) {
  const t = useWords('web');
  const device = describeDevice(session.userAgent) || t('account.unknownDevice');
  const proof = session.proof.map((method) => t(`proof.${method}`)).join(t('listSeparator'));
  return (
    <li>
      <div>
        <div>
          {device}
          {session.current && <span className="kept-soft"> · {t('account.here')}</span>}
        </div>
        <div className="kept-soft">
          {session.address} · {proof} · <RelativeTime at={session.createdAt} /> ·{' '}
          {t('account.ends')} <RelativeTime at={session.expiresAt} />
        </div>
      </div>
      {!session.current && (
        <Button
          variant="default"
          size="xs"
          disabled={busy}
          onClick={revoke}
          aria-label={t('account.signOutOf', { device })}
        >
          {t('account.signOut')}
        </Button>
      )}
    </li>
  );
}
