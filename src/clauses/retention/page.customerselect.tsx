import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { routes } from '../../registers/customers/routes.ts';
import { useApi } from '../../ui/api.ts';
import { useList } from '../../ui/queries.ts';

interface CustomerSelectProps {
  readonly label: string;
  readonly description?: string;
  /** Key of the account. */
  readonly value: string | null;
  readonly onChange: (key: string | null) => void;
}

/** One account of the register, found by typing. */
export function CustomerSelect({ label, description, value, onChange }: CustomerSelectProps) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 150);
  const found = useList(useApi<typeof routes>().listCustomers, { q, limit: 20, sort: 'name' });
  return (
    <Select
      label={label}
      {...(description ? { description } : {})}
      data={(found.data?.items ?? []).map(({ key, name }) => ({
        value: key,
        label: `${name ?? ''} · ${key}`,
      }))}
      value={value}
      onChange={onChange}
      onSearchChange={(text) => setTyped(text.split(' · ')[0] ?? '')}
      filter={({ options }) => options}
      searchable
      clearable
    />
  );
}
