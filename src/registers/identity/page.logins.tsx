import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { DropMenu, type MenuEntry } from '../../ui/DropMenu.tsx';
import { lazily } from '../../ui/lazily.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import { type Login, type ProviderSettings, signInApi } from './page.api.ts';
import classes from './page.module.css';

const LoginDialog = lazily(async () => (await import('./page.loginforms.tsx')).LoginDialog);

export type Kind = ProviderSettings['kind'] | undefined;
type Asking =
  | { readonly about: 'link' | 'breakGlass'; readonly person: Login['person'] | null }
  | { readonly about: 'unlink' | 'unname' | 'dropLocal'; readonly login: Login };

interface LoginsProps {
  /** Whether there is a provider to link to. */
  readonly linkable: boolean;
  readonly kind: Kind;
}

/** Everyone who can sign in, and by what; those outside of the provider first. */
export function Logins({ linkable, kind }: LoginsProps) {
  const t = useWords('registers/identity');
  const logins = useRead(signInApi.listLogins, {});
  const [asking, setAsking] = useState<Asking | undefined>(undefined);
  const close = () => setAsking(undefined);
  return (
    <>
      <p className="kept-soft">{t('logins.what')}</p>
      {logins.error && <ProblemNotice problem={logins.error} retry={() => logins.refetch()} />}
      <ul className={classes.people}>
        {logins.data?.items.map((login) => (
          <LoginLine key={login.person.id} login={login} linkable={linkable} ask={setAsking} />
        ))}
      </ul>
      <Group gap="xs">
        {linkable && (
          <Button
            variant="default"
            size="xs"
            onClick={() => setAsking({ about: 'link', person: null })}
          >
            {t('logins.link')}
          </Button>
        )}
        <Button
          variant="default"
          size="xs"
          onClick={() => setAsking({ about: 'breakGlass', person: null })}
        >
          {t('logins.breakGlass')}
        </Button>
      </Group>
      {(asking?.about === 'link' || asking?.about === 'breakGlass') && (
        <LoginDialog about={asking.about} person={asking.person} kind={kind} close={close} />
      )}
      <Ending asking={asking} close={close} />
    </>
  );
}

interface LoginLineProps {
  readonly login: Login;
  readonly linkable: boolean;
  readonly ask: (asking: Asking) => void;
}

function LoginLine({ login, linkable, ask }: LoginLineProps) {
  const t = useWords('registers/identity');
  const { person, identity, local, breakGlass } = login;
  const entry = (about: Asking['about'], danger = false): MenuEntry => ({
    label: t(`logins.${about}`),
    danger,
    run: () =>
      ask(about === 'link' || about === 'breakGlass' ? { about, person } : { about, login }),
  });
  const entries = [
    ...(linkable && !identity ? [entry('link')] : []),
    ...(identity ? [entry('unlink', true)] : []),
    ...(identity && local && breakGlass === null ? [entry('dropLocal', true)] : []),
    entry(breakGlass === null ? 'breakGlass' : 'unname'),
  ];
  return (
    <li>
      <div>
        {person.name}
        <div className="kept-soft">
          {identity ? t(`how.${identity.how}`) : t('logins.unlinked')}
          {local && ` · ${t('logins.local')}`}
          {breakGlass !== null && ` · ${t('logins.named', { reason: breakGlass })}`}
          {identity?.lastAt && (
            <>
              {' · '}
              {t('logins.last')} <RelativeTime at={identity.lastAt} />
            </>
          )}
        </div>
      </div>
      <DropMenu
        shows={{ word: t('logins.change') }}
        label={t('logins.changeOf', { name: person.name })}
        entries={entries}
      />
    </li>
  );
}

function Ending({ asking, close }: { asking: Asking | undefined; close: () => void }) {
  const t = useWords('registers/identity');
  const onDone = close;
  const unlink = useCommand(signInApi.unlinkIdentity, { done: t('logins.unlinked'), onDone });
  const unname = useCommand(signInApi.unnameBreakGlass, { done: t('saved'), onDone });
  const dropLocal = useCommand(signInApi.dropLocalLogin, { done: t('logins.dropped'), onDone });
  const ending = asking && 'login' in asking ? asking : undefined;
  const about = ending?.about ?? 'unlink';
  const run = () => {
    if (!ending) return;
    const { person, identity } = ending.login;
    if (about === 'unlink') void unlink.run({ id: identity?.id ?? '' });
    else void (about === 'unname' ? unname : dropLocal).run({ personId: person.id });
  };
  return (
    <ConfirmDialog
      opened={ending !== undefined}
      onClose={close}
      danger={about !== 'unname'}
      title={t(`logins.${about}Title`, { name: ending?.login.person.name ?? '' })}
      verb={t(`logins.${about}`)}
      run={run}
      running={unlink.running || unname.running || dropLocal.running}
      problem={unlink.problem ?? unname.problem ?? dropLocal.problem}
    >
      {t(`logins.${about}What`)}
    </ConfirmDialog>
  );
}
