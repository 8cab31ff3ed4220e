import { Button } from '@mantine/core';
import { Icon } from '../icons.tsx';
import { lazily } from '../lazily.tsx';
import { usePopUp } from '../popUp.tsx';
import { useWords } from '../words.ts';
import classes from './register.module.css';
import type { Filter } from './types.ts';

const FilterPanel = lazily(async () => (await import('./FilterPanel.tsx')).default);

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
  const { button, panel } = usePopUp('dialog');
  return (
    <>
      <Button
        {...button}
        variant="default"
        size="compact-sm"
        leftSection={<Icon name="filter" size={14} />}
      >
        {t('register.addFilter')}
      </Button>
      {panel && <FilterPanel panel={panel} filters={filters} setFilter={setFilter} />}
    </>
  );
}
