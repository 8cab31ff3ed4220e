import { Button, Popover, ScrollArea, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { Icon } from '../icons.tsx';
import { useWords } from '../words.ts';
import classes from './register.module.css';
import type { Filter } from './types.ts';

type FilterChipsProps = {
  filters: readonly Filter[];
  values: Readonly<Record<string, string>>;
  setFilter: (id: string, value: string | undefined) => void;
};

/** Filters in force as removable chips, and a menu to add one. */
export function FilterChips({ filters, values, setFilter }: FilterChipsProps) {
  const inForce = filters.filter(({ id }) => values[id] !== undefined);
  return (
    <>
      {inForce.map((filter) => (
        <Chip
          key={filter.id}
          filter={filter}
          value={values[filter.id] ?? ''}
          onRemove={() => setFilter(filter.id, undefined)}
        />
      ))}
      {filters.length > inForce.length && (
        <AddFilter
          filters={filters.filter(({ id }) => values[id] === undefined)}
          setFilter={setFilter}
        />
      )}
    </>
  );
}

function Chip({
  filter,
  value,
  onRemove,
}: {
  filter: Filter;
  value: string;
  onRemove: () => void;
}) {
  const t = useWords('ui');
  const shown = filter.options?.find((option) => option.value === value)?.label ?? value;
  return (
    <span className={classes.chip}>
      <span className={classes.chipLabel}>{filter.label}</span> {shown}
      <button
        type="button"
        onClick={onRemove}
        aria-label={t('register.removeFilter', { filter: `${filter.label} ${shown}` })}
      >
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}

function AddFilter({
  filters,
  setFilter,
}: {
  filters: readonly Filter[];
  setFilter: FilterChipsProps['setFilter'];
}) {
  const t = useWords('ui');
  const [opened, setOpened] = useState(false);
  const [picked, setPicked] = useState<Filter | undefined>(undefined);
  const close = () => {
    setOpened(false);
    setPicked(undefined);
  };
  const choose = (id: string, value: string) => {
    if (value) setFilter(id, value);
    close();
  };
  return (
    <Popover
      opened={opened}
      onChange={(next) => (next ? setOpened(true) : close())}
      position="bottom-start"
    >
      <Popover.Target>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<Icon name="filter" size={14} />}
          onClick={() => setOpened(!opened)}
        >
          {t('register.addFilter')}
        </Button>
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
