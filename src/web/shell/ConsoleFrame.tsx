import { ActionIcon } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { type Reader, ReaderProvider } from '../../ui/reader.tsx';
import { type Language, useWords } from '../../ui/words.ts';
import { chosenLanguage, speak } from '../i18n.ts';
import type { Page } from '../page.ts';
import { Bar, rememberLanguage } from './Bar.tsx';
import classes from './frame.module.css';
import { Palette } from './Palette.tsx';
import { Rail } from './Rail.tsx';
import { useMe } from './useMe.ts';

const RailDrawer = lazy(() => import('./RailDrawer.tsx'));

/** The shell around every page below `/console`: only for those who are signed in. */
export function ConsoleFrame({ pages }: { pages: readonly Page[] }) {
  const me = useMe();
  const language = me.data?.language;
  useEffect(() => {
    if (language) void agreeOnLanguage(language);
  }, [language]);
  if (me.error?.status === 401) return <ToSignIn />;
  if (!me.data) {
    if (!me.error) return null;
    return (
      <main className={classes.alone}>
        <ProblemNotice problem={me.error} retry={() => void me.refetch()} />
      </main>
    );
  }
  return (
    <ReaderProvider reader={me.data}>
      <Frame pages={pages} reader={me.data} />
    </ReaderProvider>
  );
}

/** Once, to the sign-in page, which leads back to where the reader was. */
function ToSignIn() {
  const router = useRouter();
  useEffect(() => {
    const { href } = router.history.location;
    router.history.replace(`/sign-in?next=${encodeURIComponent(href)}`);
  }, [router]);
  return null;
}

/** What the reader chose in this browser holds, for mails and refusals too; without a choice, what the server knows. */
async function agreeOnLanguage(known: Language): Promise<void> {
  const chosen = chosenLanguage();
  if (chosen === undefined) await speak(known);
  else if (chosen !== known) await rememberLanguage(chosen);
}

function Frame({ pages, reader }: { pages: readonly Page[]; reader: Reader }) {
  const t = useWords('web');
  const [railOpened, rail] = useDisclosure(false);
  const [railWanted, wantRail] = useState(false);
  const shown = pages.filter(
    ({ nav }) => nav && (!nav.permission || reader.permissions.includes(nav.permission)),
  );
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main">
        {t('skip')}
      </a>
      <nav className={classes.rail} aria-label={t('navigation')}>
        <Rail pages={shown} />
      </nav>
      <Bar
        reader={reader}
        menu={
          <ActionIcon
            className={classes.menu ?? ''}
            size="lg"
            onClick={() => {
              wantRail(true);
              rail.open();
            }}
            aria-label={t('navigation')}
          >
            <Icon name="menu" />
          </ActionIcon>
        }
      />
      <main id="main" className={classes.main} tabIndex={-1}>
        <Suspense fallback={null}>
          <Outlet />
        </Suspense>
      </main>
      {railWanted && (
        <Suspense fallback={null}>
          <RailDrawer
            opened={railOpened}
            onClose={rail.close}
            organisation={reader.organisation}
            pages={shown}
          />
        </Suspense>
      )}
      <Palette pages={shown} />
    </div>
  );
}
