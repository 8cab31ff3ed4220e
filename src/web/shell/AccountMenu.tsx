import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { DropMenu } from '../../ui/DropMenu.tsx';
import type { Reader } from '../../ui/reader.tsx';
import { useWords } from '../../ui/words.ts';
import { shellApi } from './shellApi.ts';

/** Name, roles, sessions and keys, sign out. */
export function AccountMenu({ reader }: { reader: Reader }) {
  const t = useWords('web');
  const router = useRouter();
  const queries = useQueryClient();
  const signOut = async () => {
    const { location } = await shellApi.signOut({});
    queries.clear();
    // The provider's own session ends there, where that is wanted.
    if (location) window.location.assign(location);
    else router.history.push('/sign-in');
  };
  return (
    <DropMenu
      shows="account"
      size="lg"
      label={t('account.menu', { name: reader.person?.name ?? '' })}
      title={reader.person?.name ?? ''}
      head={
        <>
          {reader.person?.name}
          {reader.roles.length > 0 && (
            <div>{reader.roles.map((role) => t(`role.${role}`)).join(t('listSeparator'))}</div>
          )}
        </>
      }
      entries={[
        { label: t('account.title'), run: () => router.history.push('/console/account') },
        { label: t('publicPage'), href: '/' },
        'line',
        { label: t('signOut'), run: () => void signOut() },
      ]}
    />
  );
}
