import { ActionIcon, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Icon } from '../../ui/icons.tsx';
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
    <Menu>
      <Menu.Target>
        <ActionIcon
          size="lg"
          aria-label={t('account.menu', { name: reader.person?.name ?? '' })}
          title={reader.person?.name ?? ''}
        >
          <Icon name="account" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown miw={200}>
        <Menu.Label>
          {reader.person?.name}
          {reader.roles.length > 0 && (
            <div>{reader.roles.map((role) => t(`role.${role}`)).join(t('listSeparator'))}</div>
          )}
        </Menu.Label>
        <Menu.Item onClick={() => router.history.push('/console/account')}>
          {t('account.title')}
        </Menu.Item>
        <Menu.Item component="a" href="/">
          {t('publicPage')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>{t('signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
