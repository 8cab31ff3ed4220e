import { Button, Group, Menu, Modal, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useWords } from '../../ui/words.ts';
import { PersonSelect } from '../page.PersonSelect.tsx';
import { type Login, type ProviderSettings, signInApi } from './page.api.ts';
import classes from './page.module.css';

type Kind = ProviderSettings['kind'] | undefined;
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
  const u = useWords('ui');
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
      <Modal
        opened={asking?.about === 'link' || asking?.about === 'breakGlass'}
        onClose={close}
        title={asking?.about === 'link' ? t('logins.link') : t('logins.breakGlass')}
        centered
        closeButtonProps={{ 'aria-label': u('close') }}
      >
        {asking?.about === 'link' && <LinkForm person={asking.person} kind={kind} onDone={close} />}
        {asking?.about === 'breakGlass' && <BreakGlassForm person={asking.person} onDone={close} />}
      </Modal>
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
      <Menu>
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            aria-label={t('logins.changeOf', { name: person.name })}
          >
            {t('logins.change')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {linkable && !identity && (
            <Menu.Item onClick={() => ask({ about: 'link', person })}>{t('logins.link')}</Menu.Item>
          )}
          {identity && (
            <Menu.Item color="red" onClick={() => ask({ about: 'unlink', login })}>
              {t('logins.unlink')}
            </Menu.Item>
          )}
          {identity && local && breakGlass === null && (
            <Menu.Item color="red" onClick={() => ask({ about: 'dropLocal', login })}>
              {t('logins.dropLocal')}
            </Menu.Item>
          )}
          {breakGlass === null ? (
            <Menu.Item onClick={() => ask({ about: 'breakGlass', person })}>
              {t('logins.breakGlass')}
            </Menu.Item>
          ) : (
            <Menu.Item onClick={() => ask({ about: 'unname', login })}>
              {t('logins.unname')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

interface FormProps {
  readonly person: Login['person'] | null;
  readonly onDone: () => void;
}

function LinkForm({ person, kind, onDone }: FormProps & { readonly kind: Kind }) {
  const t = useWords('registers/identity');
  const link = useCommand(signInApi.linkIdentity, { done: t('strangers.linked'), onDone });
  const form = useFields(
    { personId: person?.id ?? (null as string | null), externalId: '' },
    link.fieldErrors,
  );
  const { personId, externalId } = form.values;
  return (
    <FieldForm
      submit={t('strangers.link')}
      will={t('strangers.will')}
      running={link.running}
      problem={link.problem}
      disabled={personId === null || externalId.trim() === ''}
      onSubmit={() => personId && void link.run({ personId, externalId })}
    >
      <PersonSelect
        label={t('strangers.person')}
        value={personId}
        onChange={(id) => form.set('personId', id)}
        chosen={person?.name}
      />
      <TextInput
        label={t(kind === 'entra' ? 'logins.objectId' : 'logins.subject')}
        description={t(kind === 'entra' ? 'logins.objectIdHint' : 'logins.subjectHint')}
        required
        spellCheck={false}
        {...form.text('externalId')}
      />
    </FieldForm>
  );
}

function BreakGlassForm({ person, onDone }: FormProps) {
  const t = useWords('registers/identity');
  const name = useCommand(signInApi.nameBreakGlass, { done: t('logins.isNamed'), onDone });
  const form = useFields(
    { personId: person?.id ?? (null as string | null), reason: '' },
    name.fieldErrors,
  );
  const { personId, reason } = form.values;
  return (
    <FieldForm
      submit={t('logins.breakGlass')}
      will={t('logins.breakGlassWill')}
      running={name.running}
      problem={name.problem}
      disabled={personId === null}
      onSubmit={() => personId && void name.run({ personId, reason })}
    >
      <PersonSelect
        label={t('strangers.person')}
        value={personId}
        onChange={(id) => form.set('personId', id)}
        chosen={person?.name}
      />
      <Textarea label={t('logins.reason')} required autosize {...form.text('reason')} />
    </FieldForm>
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
