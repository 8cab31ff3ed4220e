import { Tabs } from '@mantine/core';
import { useAddressValue } from '../ui/address.ts';

/** One view of a register: `id` stands in the address, except that of the first. */
export interface View<Id extends string> {
  readonly id: Id;
  readonly label: string;
}

/** The view that the address names; the first where it names none. */
export function useView<Id extends string>(ids: readonly [Id, ...Id[]]): Id {
  const [named] = useAddressValue('tab');
  return ids.find((id) => id === named) ?? ids[0];
}

/** Views of one register, chosen above it. */
export function ViewTabs<Id extends string>({
  views,
  view,
}: {
  views: readonly View<Id>[];
  view: Id;
}) {
  const [, name] = useAddressValue('tab');
  const choose = (id: string | null) =>
    name(id === null || id === views[0]?.id ? undefined : id, { push: true });
  return (
    <Tabs value={view} onChange={choose} mb="sm">
      <Tabs.List>
        {views.map(({ id, label }) => (
          <Tabs.Tab key={id} value={id}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}
