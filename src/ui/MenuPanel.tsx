import { Menu } from '@mantine/core';
import type { MenuEntry } from './DropMenu.tsx';
import { Icon } from './icons.tsx';
import { ButtonElsewhere, type Panel } from './popUp.tsx';

type MenuPanelProps = {
  panel: Panel;
  head?: React.ReactNode;
  entries: readonly (MenuEntry | 'line')[];
};

/** The entries of a {@link DropMenu}; only it loads this. */
export default function MenuPanel({ panel, head, entries }: MenuPanelProps) {
  return (
    <Menu id={panel.id} opened={panel.opened} onChange={panel.setOpened}>
      <Menu.Target>
        <ButtonElsewhere at={panel.at} />
      </Menu.Target>
      <Menu.Dropdown {...(head ? { miw: 200 } : {})}>
        {head && <Menu.Label>{head}</Menu.Label>}
        {entries.map((entry, place) =>
          entry === 'line' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing but their place
            <Menu.Divider key={place} />
          ) : (
            <Entry key={entry.label} entry={entry} />
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  const { label, run, href, danger = false, disabled = false, chosen = false, lang } = entry;
  const looks = {
    disabled,
    rightSection: chosen ? <Icon name="check" /> : null,
    ...(danger ? { color: 'red' } : {}),
    ...(lang ? { lang } : {}),
  };
  return href === undefined ? (
    <Menu.Item {...looks} onClick={run}>
      {label}
    </Menu.Item>
  ) : (
    <Menu.Item {...looks} component="a" href={href}>
      {label}
    </Menu.Item>
  );
}
