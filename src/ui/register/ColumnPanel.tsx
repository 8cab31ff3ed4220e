import { Checkbox, Popover, Stack } from '@mantine/core';
import { ButtonElsewhere, type Panel } from '../popUp.tsx';
import { useWords } from '../words.ts';
import type { NamedColumn } from './RegisterToolbar.tsx';
import type { RegisterAddress } from './useRegisterAddress.ts';

type ColumnPanelProps = {
  panel: Panel;
  address: RegisterAddress;
  columns: readonly NamedColumn[];
};

/** Which columns are shown, never none; only the button in the toolbar loads this. */
export default function ColumnPanel({ panel, address, columns }: ColumnPanelProps) {
  const t = useWords('ui');
  const shown = address.shownColumns.map((column) => column.id);
  const flip = (id: string) => {
    const next = columns
      .map((column) => column.id)
      .filter((one) => (one === id ? !shown.includes(id) : shown.includes(one)));
    if (next.length > 0) address.setColumns(next);
  };
  return (
    <Popover id={panel.id} opened={panel.opened} onChange={panel.setOpened} position="bottom-end">
      <Popover.Target>
        <ButtonElsewhere at={panel.at} />
      </Popover.Target>
      <Popover.Dropdown aria-label={t('register.columns')}>
        <Stack gap="xs">
          {columns.map((column) => (
            <Checkbox
              key={column.id}
              label={column.label}
              checked={shown.includes(column.id)}
              onChange={() => flip(column.id)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
