import { ActionIcon, Button, CloseButton, TextInput } from '@mantine/core';
import { memo, type Ref, useEffect, useState } from 'react';
import { Icon } from '../icons.tsx';
import { lazily } from '../lazily.tsx';
import { usePopUp } from '../popUp.tsx';
import { useWords } from '../words.ts';
import { FilterChips } from './FilterChips.tsx';
import classes from './register.module.css';
import type { Filter } from './types.ts';
import type { RegisterAddress } from './useRegisterAddress.ts';

const ColumnPanel = lazily(async () => (await import('./ColumnPanel.tsx')).default);

/** Long enough not to ask for every letter, short enough to feel immediate. */
const TYPING_MS = 180;

export type NamedColumn = { readonly id: string; readonly label: string };

type RegisterToolbarProps = {
  address: RegisterAddress;
  filters: readonly Filter[];
  columns: readonly NamedColumn[];
  csvHref: string | undefined;
  searchRef: Ref<HTMLInputElement>;
  onHelp: () => void;
  label: string;
};

/** Search, filters as chips, columns, CSV. */
function Toolbar({
  address,
  filters,
  columns,
  csvHref,
  searchRef,
  onHelp,
  label,
}: RegisterToolbarProps) {
  const t = useWords('ui');
  return (
    <div className={classes.toolbar} role="toolbar" aria-label={label}>
      <SearchField address={address} searchRef={searchRef} />
      <FilterChips filters={filters} values={address.values} setFilter={address.setFilter} />
      {address.filtered && (
        <Button variant="subtle" color="gray" size="compact-sm" onClick={address.clear}>
          {t('register.clear')}
        </Button>
      )}
      <span className={classes.push} />
      <ColumnChooser address={address} columns={columns} />
      {csvHref && (
        <ActionIcon
          component="a"
          href={csvHref}
          download
          aria-label={t('register.csv')}
          title={t('register.csv')}
        >
          <Icon name="download" />
        </ActionIcon>
      )}
      <ActionIcon
        className={classes.wideOnly ?? ''}
        onClick={onHelp}
        aria-label={t('keys.title')}
        title={`${t('keys.title')} (?)`}
      >
        ?
      </ActionIcon>
    </div>
  );
}

/** Drawn again only when the address changed, not at every key. */
export const RegisterToolbar = memo(Toolbar);

/** Search as you type: the address follows a moment after the last letter. */
function SearchField({
  address,
  searchRef,
}: {
  address: RegisterAddress;
  searchRef: Ref<HTMLInputElement>;
}) {
  const t = useWords('ui');
  const { q, setSearch } = address;
  const [typed, setTyped] = useState(q);
  const [heard, setHeard] = useState(q);
  if (heard !== q) {
    // Changed from outside: Back was pressed, or the filters were cleared.
    setHeard(q);
    setTyped(q);
  }
  useEffect(() => {
    if (typed === q) return;
    const timer = setTimeout(() => {
      setHeard(typed);
      setSearch(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, q, setSearch]);
  return (
    <TextInput
      ref={searchRef}
      className={classes.search ?? ''}
      type="search"
      placeholder={t('register.search')}
      aria-label={t('register.search')}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          if (typed) setTyped('');
          else event.currentTarget.blur();
        }
      }}
      leftSection={<Icon name="search" />}
      rightSection={
        typed ? (
          <CloseButton
            size="sm"
            aria-label={t('register.clearSearch')}
            onClick={() => setTyped('')}
          />
        ) : null
      }
    />
  );
}

function ColumnChooser({
  address,
  columns,
}: {
  address: RegisterAddress;
  columns: readonly NamedColumn[];
}) {
  const t = useWords('ui');
  const { button, panel } = usePopUp('dialog');
  return (
    <>
      <ActionIcon
        {...button}
        className={classes.wideOnly ?? ''}
        aria-label={t('register.columns')}
        title={t('register.columns')}
      >
        <Icon name="columns" />
      </ActionIcon>
      {panel && <ColumnPanel panel={panel} address={address} columns={columns} />}
    </>
  );
}
