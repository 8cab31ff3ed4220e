import '@mantine/spotlight/styles.layer.css';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { useEffect, useState } from 'react';
import type { Command } from './CommandPalette.tsx';
import { Icon } from './icons.tsx';
import classes from './small.module.css';
import { useWords } from './words.ts';

type PaletteListProps = {
  opened: boolean;
  onClose: () => void;
  places: readonly Command[];
  commands: readonly Command[];
  searches: (typed: string) => readonly Command[];
};

const [paletteStore, palette] = createSpotlight();

const matches = (typed: string) => (command: Command) =>
  command.label.toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase());

/** The palette's list, over Mantine's spotlight. */
export default function PaletteList({
  opened,
  onClose,
  places,
  commands,
  searches,
}: PaletteListProps) {
  const t = useWords('ui');
  const [typed, setTyped] = useState('');
  useEffect(() => (opened ? palette.open() : palette.close()), [opened]);
  const groups = [
    { label: t('palette.actions'), commands: commands.filter(matches(typed)) },
    { label: t('palette.goTo'), commands: places.filter(matches(typed)) },
    { label: t('register.search'), commands: typed.trim() === '' ? [] : searches(typed.trim()) },
  ].filter((group) => group.commands.length > 0);
  return (
    <Spotlight.Root
      store={paletteStore}
      query={typed}
      onQueryChange={setTyped}
      onSpotlightClose={onClose}
      shortcut={null}
      scrollable
      maxHeight={420}
      lockScroll={false}
      shadow="none"
      title={t('palette.search')}
      classNames={{ header: classes.unseen ?? '' }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 100, transition: 'fade' }}
    >
      <Spotlight.Search
        placeholder={t('palette.search')}
        aria-label={t('palette.search')}
        leftSection={<Icon name="search" />}
      />
      <Spotlight.ActionsList>
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group.label} label={group.label}>
            {group.commands.map((command) => (
              <Spotlight.Action key={command.id} label={command.label} onClick={command.run} />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && <Spotlight.Empty>{t('palette.nothing')}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
