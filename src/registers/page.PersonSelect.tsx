import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useApi } from '../ui/api.ts';
import { useList } from '../ui/queries.ts';
import type { routes } from './people/routes.ts';

interface PersonSelectProps {
  readonly label: string;
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  /** Name of the one chosen before, shown until the register is searched. */
  readonly chosen?: string | null | undefined;
  readonly description?: string;
}

/** One person of the register, found by typing. */
export function PersonSelect({ label, value, onChange, chosen, description }: PersonSelectProps) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed === (chosen ?? '') ? '' : typed, 150);
  const people = useList(useApi<typeof routes>().listPeople, { q, limit: 20, sort: 'name' });
  const found = (people.data?.items ?? []).map(({ id, name, department }) => ({
    value: id,
    label: department ? `${name} · ${department}` : name,
  }));
  const known = value && chosen && !found.some((each) => each.value === value);
  return (
    <Select
      label={label}
      {...(description ? { description } : {})}
      data={known ? [{ value, label: chosen }, ...found] : found}
      value={value}
      onChange={onChange}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      searchable
      clearable
    />
  );
}
