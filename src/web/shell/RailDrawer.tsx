import { Drawer } from '@mantine/core';
import { useWords } from '../../ui/words.ts';
import type { Page } from '../page.ts';
import { LanguageMenu, ThemeMenu } from './Bar.tsx';
import classes from './frame.module.css';
import { Rail } from './Rail.tsx';

type RailDrawerProps = {
  opened: boolean;
  onClose: () => void;
  organisation: string;
  pages: readonly Page[];
};

/** The rail on narrow screens, with what the bar has no room for there. */
export default function RailDrawer({ opened, onClose, organisation, pages }: RailDrawerProps) {
  const t = useWords('web');
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size="16rem"
      title={organisation}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Rail pages={pages} onNavigate={onClose} />
      <div className={classes.drawerFoot}>
        <LanguageMenu remember />
        <ThemeMenu />
      </div>
    </Drawer>
  );
}
