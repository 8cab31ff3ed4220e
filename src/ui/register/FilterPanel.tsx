import { Button, Popover, ScrollArea, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { ButtonElsewhere, type Panel } from '../popUp.tsx';
import { useWords } from '../words.ts';
import classes from './register.module.css';
import type { Filter } from './types.ts';

type FilterPanelProps = {
  panel: Panel;
  filters: readonly Filter[];
  setFilter: (id: string, value: string | undefined) => void;
};

/** First which filter, then its value; only the button beside the chips loads this. */
export default function FilterPanel({ panel, filters, setFilter }: FilterPanelProps) {
  const t = useWords('ui');
  const [picked, setPicked] = useState<Filter | undefined>(undefined);
  const turn = (opened: boolean) => {
    panel.setOpened(opened);
    if (!opened) setPicked(undefined);
  };
  const choose = (id: string, value: string) => {
    if (value) setFilter(id, value);
    turn(false);
  };
  return (
    <Popover id={panel.id} opened={panel.opened} onChange={turn} position="bottom-start">
      <Popover.Target>
        <ButtonElsewhere at={panel.at} />
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label={t('register.addFilter')}>
        {picked ? (
          <ValuePicker filter={picked} choose={(value) => choose(picked.id, value)} />
        ) : (
          <Choices
            entries={filters.map(({ id, label }) => ({ value: id, label }))}
            choose={(id) => setPicked(filters.find((filter) => filter.id === id))}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function ValuePicker({ filter, choose }: { filter: Filter; choose: (value: string) => void }) {
  const t = useWords('ui');
  const [typed, setTyped] = useState('');
  if (filter.options) return <Choices entries={filter.options} choose={choose} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        choose(typed.trim());
      }}
    >
      <Stack gap="xs">
        <TextInput
          data-autofocus
          type={filter.type ?? 'text'}
          label={filter.label}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" size="xs">
          {t('register.applyFilter')}
        </Button>
      </Stack>
    </form>
  );
}

function Choices({
  entries,
  choose,
}: {
  entries: readonly { value: string; label: string }[];
  choose: (value: string) => void;
}) {
  return (
    <ScrollArea.Autosize mah={320} type="auto">
      <ul className={classes.choices}>
        {entries.map((entry) => (
          <li key={entry.value}>
            <UnstyledButton className={classes.choice ?? ''} onClick={() => choose(entry.value)}>
              {entry.label}
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </ScrollArea.Autosize>
  );
}
