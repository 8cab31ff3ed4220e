import { Button, Group, Modal, PasswordInput, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Section } from '../../ui/Page.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import { answered, identity } from '../identity/client.ts';
import classes from '../identity/identity.module.css';
import { RecoveryCodes } from '../identity/RecoveryCodes.tsx';
import { SecondFactor } from '../identity/SecondFactor.tsx';
import { useAttempt } from '../identity/useAttempt.ts';
import type { SignInState } from '../shell/shellApi.ts';

type Login = Exclude<SignInState, { state: 'signedOut' }>;
type Passkey = { readonly id: string; readonly name?: string | null; readonly createdAt: string };

/** Passkeys, the authenticator app and its recovery codes. The last second factor cannot be taken away. */
export function Factors({ login, onChanged }: { login: Login; onChanged: () => void }) {
  const t = useWords('web');
  const [adding, setAdding] = useState(false);
  const done = () => {
    setAdding(false);
    onChanged();
  };
  return (
    <Section title={t('account.factors')}>
      <Passkeys onChanged={onChanged} key={login.passkeys} />
      <AppLine login={login} onChanged={onChanged} />
      <Button variant="default" size="xs" onClick={() => setAdding(true)}>
        {t('account.addFactor')}
      </Button>
      <Dialog opened={adding} onClose={() => setAdding(false)} title={t('account.addFactor')}>
        <SecondFactor password={login.hasPassword ? undefined : null} onDone={done} />
      </Dialog>
    </Section>
  );
}

function Passkeys({ onChanged }: { onChanged: () => void }) {
  const t = useWords('web');
  const [removing, setRemoving] = useState<Passkey | undefined>(undefined);
  const attempt = useAttempt();
  const passkeys = useQuery<readonly Passkey[], ApiProblem>({
    queryKey: ['passkeys'],
    queryFn: async () =>
      (await answered(identity.passkey.listUserPasskeys({}))) as unknown as Passkey[],
  });
  const name = (passkey: Passkey) => passkey.name || t('identity.passkey');
  const remove = (passkey: Passkey) =>
    attempt.run(async () => {
      await answered(identity.passkey.deletePasskey({ id: passkey.id }));
      setRemoving(undefined);
      await passkeys.refetch();
      onChanged();
    });
  return (
    <>
      {passkeys.error && <ProblemNotice problem={passkeys.error} />}
      <ul className={classes.list}>
        {passkeys.data?.map((passkey) => (
          <li key={passkey.id}>
            <div>
              {t('identity.passkey')}: {name(passkey)}
              <div className="kept-soft">
                <RelativeTime at={passkey.createdAt} />
              </div>
            </div>
            <Button variant="default" size="xs" onClick={() => setRemoving(passkey)}>
              {t('account.remove')}
            </Button>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        opened={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        danger
        title={t('account.removePasskey', { name: removing ? name(removing) : '' })}
        verb={t('account.remove')}
        running={attempt.running}
        problem={attempt.problem}
        run={() => removing && void remove(removing)}
      >
        {t('account.removePasskeyWhat')}
      </ConfirmDialog>
    </>
  );
}

function AppLine({ login, onChanged }: { login: Login; onChanged: () => void }) {
  const t = useWords('web');
  const [asking, setAsking] = useState<'codes' | 'remove' | undefined>(undefined);
  const [codes, setCodes] = useState<readonly string[] | undefined>(undefined);
  const close = () => {
    setAsking(undefined);
    setCodes(undefined);
  };
  const act = async (password: string | undefined) => {
    const given = password === undefined ? {} : { password };
    if (asking === 'remove') {
      await answered(identity.twoFactor.disable(given));
      close();
      onChanged();
    } else {
      const renewed = (await answered(identity.twoFactor.generateBackupCodes(given))) as {
        backupCodes: string[];
      };
      setCodes(renewed.backupCodes);
    }
  };
  return (
    <>
      <p>{login.hasTotp ? t('account.appOn') : t('account.appOff')}</p>
      {login.hasTotp && (
        <Group gap="xs" mb="md">
          <Button variant="default" size="xs" onClick={() => setAsking('codes')}>
            {t('account.newCodes')}
          </Button>
          <Button variant="default" size="xs" onClick={() => setAsking('remove')}>
            {t('account.removeApp')}
          </Button>
        </Group>
      )}
      <Dialog
        opened={asking !== undefined}
        onClose={close}
        title={asking === 'remove' ? t('account.removeApp') : t('account.newCodes')}
      >
        {codes ? (
          <RecoveryCodes codes={codes} onKept={close} />
        ) : (
          <PasswordFirst
            hasPassword={login.hasPassword}
            what={asking === 'remove' ? t('account.removeAppWhat') : t('account.newCodesWhat')}
            act={act}
          />
        )}
      </Dialog>
    </>
  );
}

type PasswordFirstProps = {
  hasPassword: boolean;
  what: string;
  act: (password: string | undefined) => Promise<void>;
};

/** Says what will happen and asks for the password, where the login has one. */
function PasswordFirst({ hasPassword, what, act }: PasswordFirstProps) {
  const t = useWords('web');
  const [password, setPassword] = useState('');
  const attempt = useAttempt();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void attempt.run(() => act(hasPassword ? password : undefined));
      }}
    >
      <Stack gap="md">
        <p>{what}</p>
        {hasPassword && (
          <PasswordInput
            label={t('identity.password')}
            required
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('identity.showPassword') }}
          />
        )}
        {attempt.problem && <ProblemNotice problem={attempt.problem} />}
        <Button type="submit" loading={attempt.running}>
          {t('identity.continue')}
        </Button>
      </Stack>
    </form>
  );
}

function Dialog({
  opened,
  onClose,
  title,
  children,
}: {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}) {
  const t = useWords('web');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      centered
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {children}
    </Modal>
  );
}
