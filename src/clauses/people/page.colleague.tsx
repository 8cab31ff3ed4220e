import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useRead } from '../../ui/queries.ts';
import type { routes } from './routes.ts';

interface ColleagueProps {
  readonly label: string;
  readonly description: string;
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
}

/** One of those who work here, found by typing; for whoever may not read the register of people. */
export function ColleagueSelect({ label, description, value, onChange }: ColleagueProps) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 200);
  const found = useRead(useApi<typeof routes>().findColleagues, { q }, { skip: q.length < 2 });
  const data = (found.data?.items ?? []).map(({ id, name, department }) => ({
    value: id,
    label: department ? `${name} · ${department}` : name,
  }));
  return (
    <Select
      label={label}
      description={description}
      data={data}
      value={value}
      onChange={onChange}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      searchable
      clearable
    />
  );
}
