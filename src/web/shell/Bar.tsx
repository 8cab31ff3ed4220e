import { ActionIcon, Button, useMantineColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiProblem } from '../../ui/api.ts';
import { openPalette } from '../../ui/CommandPalette.tsx';
import { DropMenu } from '../../ui/DropMenu.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Kbd } from '../../ui/Kbd.tsx';
import { Link } from '../../ui/Link.tsx';
import type { Reader } from '../../ui/reader.tsx';
import { type Language, useLanguage, useWords } from '../../ui/words.ts';
import { chooseLanguage } from '../i18n.ts';
import { AccountMenu } from './AccountMenu.tsx';
import classes from './frame.module.css';
import { shellApi } from './shellApi.ts';

/** Organisation, search, language, theme, account. */
export function Bar({ reader, menu }: { reader: Reader; menu: ReactNode }) {
  const t = useWords('web');
  const mac = navigator.userAgent.includes('Mac');
  return (
    <header className={classes.bar}>
      {menu}
      <Link to="/console" className={classes.organisation ?? ''}>
        {reader.organisation}
      </Link>
      {reader.demo && <span className={classes.demo}>{t('demo')}</span>}
      <span className={classes.push} />
      <Button
        className={classes.searchButton ?? ''}
        variant="default"
        size="compact-sm"
        onClick={openPalette}
        leftSection={<Icon name="search" size={14} />}
        rightSection={<Kbd>{mac ? '⌘K' : 'Ctrl K'}</Kbd>}
      >
        {t('search')}
      </Button>
      <ActionIcon
        className={classes.searchIcon ?? ''}
        size="lg"
        onClick={openPalette}
        aria-label={t('search')}
      >
        <Icon name="search" />
      </ActionIcon>
      <span className={classes.choice}>
        <LanguageMenu remember />
        <ThemeMenu />
      </span>
      <AccountMenu reader={reader} />
    </header>
  );
}

const languageNames: Record<Language, string> = { en: 'English', ja: '日本語' };

/** Tells the server, which speaks in mails and refusals. Failing that, the screen has changed all the same. */
export async function rememberLanguage(language: Language): Promise<void> {
  await shellApi.chooseLanguage({ language }).catch((problem: unknown) => {
    if (!(problem instanceof ApiProblem)) throw problem;
  });
}

/** `remember` where somebody is signed in. */
export function LanguageMenu({ remember = false }: { remember?: boolean }) {
  const t = useWords('web');
  const language = useLanguage();
  const choose = async (next: Language) => {
    await chooseLanguage(next);
    if (remember) await rememberLanguage(next);
  };
  return (
    <DropMenu
      shows="language"
      size="lg"
      label={t('language')}
      title={t('language')}
      entries={(['en', 'ja'] as const).map((one) => ({
        label: languageNames[one],
        lang: one,
        run: () => void choose(one),
        chosen: one === language,
      }))}
    />
  );
}

export function ThemeMenu() {
  const t = useWords('web');
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <DropMenu
      shows="theme"
      size="lg"
      label={t('theme.label')}
      title={t('theme.label')}
      entries={(['auto', 'light', 'dark'] as const).map((one) => ({
        label: t(`theme.${one}`),
        run: () => setColorScheme(one),
        chosen: one === colorScheme,
      }))}
    />
  );
}
