import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

/** Time after the last key before the server is asked. */
const PAUSE_MS = 200;

interface Choice {
  readonly id: string;
  readonly name: string;
  readonly note: string;
}

type ChooserProps = {
  label: string;
  value: string | null;
  onChange: (id: string | null) => void;
  description?: string;
  error?: string | undefined;
  required?: boolean;
};

/** Chooses a person who can be given a review today. */
export function ReviewerChooser(props: ChooserProps) {
  const api = useApi<typeof routes>();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, PAUSE_MS);
  const found = useRead(api.findReviewers, { q });
  return <Chooser {...props} choices={found.data?.items ?? []} typed={typed} type={setTyped} />;
}

/** Chooses what an account is to have instead, among the entitlements of one system or of all. */
export function WantedChooser({
  campaign,
  system,
  ...props
}: ChooserProps & { campaign: string; system: string | undefined }) {
  const api = useApi<typeof routes>();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, PAUSE_MS);
  const found = useRead(api.findWanted, { id: campaign, q, ...(system ? { system } : {}) });
  return <Chooser {...props} choices={found.data?.items ?? []} typed={typed} type={setTyped} />;
}

/** Chooses a role or entitlement of a system, among those that `only` lets through. */
export function OfferChooser({
  only,
  ...props
}: ChooserProps & { only: { requestable?: 'true'; emergency?: 'true' } }) {
  const api = useApi<typeof routes>();
  const [typed, setTyped] = useState('');
  // What was chosen stands in the field as it is shown: that is nothing to search for.
  const [q] = useDebouncedValue(typed.includes(' · ') ? '' : typed, PAUSE_MS);
  const found = useRead(api.listOffers, { q, limit: 20, sort: 'name', ...only });
  const choices = (found.data?.items ?? []).map(({ id, name, system }) => ({
    id,
    name,
    note: system,
  }));
  return <Chooser {...props} choices={choices} typed={typed} type={setTyped} />;
}

type AllChooserProps = ChooserProps & {
  choices: readonly Choice[];
  typed: string;
  type: (text: string) => void;
};

function Chooser({ choices, typed, type, value, onChange, error, ...rest }: AllChooserProps) {
  const t = useWords('clauses/access');
  // What was chosen must stay among the choices, or it would lose its name while somebody types.
  const [chosen, setChosen] = useState<Choice | null>(null);
  const kept =
    chosen && chosen.id === value && !choices.some(({ id }) => id === chosen.id) ? [chosen] : [];
  const shown = [...kept, ...choices];
  return (
    <Select
      {...rest}
      {...(error ? { error } : {})}
      searchable
      clearable
      data={shown.map(({ id, name, note }) => ({
        value: id,
        label: note ? `${name} · ${note}` : name,
      }))}
      filter={({ options }) => options}
      value={value}
      searchValue={typed}
      onSearchChange={type}
      nothingFoundMessage={t('nothingFound')}
      onChange={(id) => {
        setChosen(shown.find((choice) => choice.id === id) ?? null);
        onChange(id);
      }}
    />
  );
}
