import { Button, CopyButton, Group, PasswordInput, Stack } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useWords } from '../../ui/words.ts';
import { CodeField } from './CodeField.tsx';
import { answered, identity } from './client.ts';
import { describeDevice } from './describeDevice.ts';
import classes from './identity.module.css';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import { useAttempt } from './useAttempt.ts';

const QrCode = lazy(() => import('./QrCode.tsx'));

type Enrolment = { readonly totpURI: string; readonly backupCodes: readonly string[] };

type SecondFactorProps = {
  /** Known just after it was typed; null where the login has none; else it is asked for. */
  password?: string | null | undefined;
  onDone: () => void;
};

/** Enrols a second factor: a passkey of this device, or an authenticator app with recovery codes. */
export function SecondFactor({ password, onDone }: SecondFactorProps) {
  const t = useWords('web');
  const [way, setWay] = useState<'choose' | 'app'>('choose');
  const passkey = useAttempt();
  const addPasskey = () =>
    passkey.run(async () => {
      await answered(identity.passkey.addPasskey({ name: deviceName() }));
      onDone();
    });
  if (way === 'app')
    return <AuthenticatorApp password={password} onDone={onDone} onBack={() => setWay('choose')} />;
  return (
    <Stack gap="lg">
      <p>{t('identity.factorWhy')}</p>
      <section>
        <h2 className={classes.way}>{t('identity.passkey')}</h2>
        <p className="kept-soft">{t('identity.passkeyWhat')}</p>
        <Button onClick={() => void addPasskey()} loading={passkey.running}>
          {t('identity.passkeyAdd')}
        </Button>
      </section>
      <section>
        <h2 className={classes.way}>{t('identity.app')}</h2>
        <p className="kept-soft">{t('identity.appWhat')}</p>
        <Button variant="default" onClick={() => setWay('app')}>
          {t('identity.appAdd')}
        </Button>
      </section>
      {passkey.problem && <ProblemNotice problem={passkey.problem} />}
    </Stack>
  );
}

/** Password → QR code and a first code → recovery codes. */
function AuthenticatorApp({
  password,
  onDone,
  onBack,
}: SecondFactorProps & { onBack: () => void }) {
  const [enrolment, setEnrolment] = useState<Enrolment | undefined>(undefined);
  const [confirmed, setConfirmed] = useState(false);
  if (!enrolment) return <BeginApp password={password} onBegun={setEnrolment} onBack={onBack} />;
  if (!confirmed)
    return <ConfirmApp enrolment={enrolment} onConfirmed={() => setConfirmed(true)} />;
  return <RecoveryCodes codes={enrolment.backupCodes} onKept={onDone} />;
}

type BeginAppProps = {
  password?: string | null | undefined;
  onBegun: (enrolment: Enrolment) => void;
  onBack: () => void;
};

function BeginApp({ password: known, onBegun, onBack }: BeginAppProps) {
  const t = useWords('web');
  const u = useWords('ui');
  const [password, setPassword] = useState(known ?? '');
  const attempt = useAttempt();
  const begin = () =>
    attempt.run(async () =>
      onBegun(
        (await answered(
          identity.twoFactor.enable(known === null ? {} : { password }),
        )) as Enrolment,
      ),
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void begin();
      }}
    >
      <Stack gap="md">
        <p>{t('identity.appFirst')}</p>
        {known === undefined && (
          <PasswordInput
            label={t('identity.password')}
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        )}
        {attempt.problem && <ProblemNotice problem={attempt.problem} />}
        <Group gap="xs">
          <Button type="submit" loading={attempt.running}>
            {t('identity.appShow')}
          </Button>
          <Button variant="default" onClick={onBack}>
            {u('back')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function ConfirmApp({ enrolment, onConfirmed }: { enrolment: Enrolment; onConfirmed: () => void }) {
  const t = useWords('web');
  const u = useWords('ui');
  const [code, setCode] = useState('');
  const attempt = useAttempt();
  const secret = new URL(enrolment.totpURI).searchParams.get('secret') ?? '';
  const confirm = () =>
    attempt.run(async () => {
      await answered(identity.twoFactor.verifyTotp({ code: code.replaceAll(' ', '') }));
      onConfirmed();
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <Stack gap="md">
        <p>{t('identity.scan')}</p>
        <Suspense fallback={<div className={classes.qr} />}>
          <QrCode text={enrolment.totpURI} label={t('identity.qr')} />
        </Suspense>
        <p className="kept-soft">
          {t('identity.typeSecret')}{' '}
          <code className="kept-code">{secret.replace(/(.{4})/g, '$1 ').trim()}</code>{' '}
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="subtle" size="compact-xs" onClick={copy}>
                {copied ? u('copied') : u('copy')}
              </Button>
            )}
          </CopyButton>
        </p>
        <CodeField value={code} onChange={setCode} />
        {attempt.problem && <ProblemNotice problem={attempt.problem} />}
        <Group>
          <Button type="submit" loading={attempt.running}>
            {t('identity.confirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A name by which the owner knows the passkey again: "Mac, Safari". */
function deviceName(): string {
  return describeDevice(navigator.userAgent) || 'Passkey';
}
