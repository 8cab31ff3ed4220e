import { useWords } from '../../ui/words.ts';
import type { SignInState } from '../shell/shellApi.ts';

type SignedIn = Exclude<SignInState, { state: 'signedOut' }>;

/** By what one signs in: the organisation's provider, or a login of Kept's own. */
export function HowSignedIn({ login }: { login: SignedIn }) {
  const t = useWords('web');
  const { provider } = login;
  const roles = provider?.waiting.map((role) => t(`role.${role}`)).join(t('listSeparator'));
  return (
    <>
      {provider && (
        <p>
          {t(provider.linked ? 'account.linked' : 'account.unlinked', { label: provider.label })}
        </p>
      )}
      {roles && <p>{t('account.waiting', { roles })}</p>}
      {(login.hasPassword || login.passkeys > 0 || !provider) && <p>{t('account.localOnly')}</p>}
    </>
  );
}
