import { ActionIcon, type ActionIconProps, Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';
import { lazily } from './lazily.tsx';
import { usePopUp } from './popUp.tsx';

const MenuPanel = lazily(async () => (await import('./MenuPanel.tsx')).default);

/** One entry of a menu: an act, or a link out of the console. */
export type MenuEntry = {
  readonly label: string;
  readonly run?: () => void;
  readonly href?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** Ticked: what holds now. */
  readonly chosen?: boolean;
  readonly lang?: string;
};

type DropMenuProps = Pick<ActionIconProps, 'size' | 'variant'> & {
  /** What the button shows: a drawing or a word. */
  shows: IconName | { readonly word: string };
  /** The button's name, spoken. */
  label: string;
  title?: string;
  /** Stands above the entries. */
  head?: ReactNode;
  entries: readonly (MenuEntry | 'line')[];
};

/**
 * A button with a menu below it.
 *
 * @example <DropMenu shows="more" label={t('more')} entries={[{ label: t('import'), run: startImport }]} />
 */
export function DropMenu({ shows, label, title, head, entries, ...looks }: DropMenuProps) {
  const { button, panel } = usePopUp('menu');
  const named = { ...button, 'aria-label': label, ...(title === undefined ? {} : { title }) };
  return (
    <>
      {typeof shows === 'string' ? (
        <ActionIcon {...looks} {...named}>
          <Icon name={shows} />
        </ActionIcon>
      ) : (
        <Button variant="default" size="xs" {...named}>
          {shows.word}
        </Button>
      )}
      {panel && <MenuPanel panel={panel} head={head} entries={entries} />}
    </>
  );
}
