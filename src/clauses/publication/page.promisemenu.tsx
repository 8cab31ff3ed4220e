import { Button, Menu, TextInput } from '@mantine/core';
import { useState } from 'react';
import { promiseIdPattern } from '../../policy/promise.ts';
import { ButtonElsewhere, type Panel } from '../../ui/popUp.tsx';
import { useWords } from '../../ui/words.ts';
import type { FullVersion } from './page.edit.tsx';
import type { PickerProps } from './page.picker.tsx';
import classes from './policy-editor.module.css';

/** What {@link PromisePicker} opens; only it loads this. */
export function PromiseMenu({
  full,
  clause,
  language,
  edit,
  panel,
}: PickerProps & { panel: Panel }) {
  const t = useWords('clauses/publication');
  const mark = (id: string) => {
    panel.setOpened(false);
    edit.wrap(':promise[', `]{#${id}}`);
  };
  const here = full.promises.filter((promise) => promise.clause === clause);
  const missing = here.filter((promise) => promise.words[language] === undefined);
  return (
    <Menu
      id={panel.id}
      opened={panel.opened}
      onChange={panel.setOpened}
      trapFocus
      position="bottom-start"
    >
      <Menu.Target>
        <ButtonElsewhere at={panel.at} />
      </Menu.Target>
      <Menu.Dropdown className={classes.picker ?? ''}>
        <Group label={t('picker.missing')} promises={missing} mark={mark} />
        <Group label={t('picker.unmarked')} promises={full.upheldButNotInText} mark={mark} />
        <OwnPromise full={full} mark={mark} />
        <Menu.Divider />
        <Menu.Label>{t('picker.here')}</Menu.Label>
        {here.map((promise) => (
          <Menu.Item
            key={promise.id}
            disabled={promise.words[language] !== undefined}
            onClick={() => mark(promise.id)}
          >
            <strong>{promise.id}</strong> {promise.words[language] ?? t('picker.notHere')}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

type GroupProps = {
  label: string;
  promises: readonly { readonly id: string; readonly upholders: readonly string[] }[];
  mark: (id: string) => void;
};

function Group({ label, promises, mark }: GroupProps) {
  if (promises.length === 0) return null;
  return (
    <>
      <Menu.Label>{label}</Menu.Label>
      {promises.map(({ id, upholders }) => (
        <Menu.Item key={id} onClick={() => mark(id)}>
          <strong>{id}</strong> <span className="kept-soft">{upholders.join(', ')}</span>
        </Menu.Item>
      ))}
    </>
  );
}

function OwnPromise({ full, mark }: { full: FullVersion; mark: (id: string) => void }) {
  const t = useWords('clauses/publication');
  const [id, setId] = useState('');
  const taken = full.promises.some((promise) => promise.id === id);
  const isFit = promiseIdPattern.test(id) && !taken;
  return (
    <div className={classes.own}>
      <TextInput
        size="xs"
        label={t('picker.own')}
        placeholder="SHOP-1"
        value={id}
        onChange={(event) => setId(event.currentTarget.value.toUpperCase())}
        onKeyDown={(event) => {
          // Letters typed here are no shortcuts of the menu.
          event.stopPropagation();
          if (event.key === 'Enter' && isFit) mark(id);
        }}
        {...(taken ? { error: t('picker.taken') } : {})}
      />
      <Button size="compact-sm" variant="default" disabled={!isFit} onClick={() => mark(id)}>
        {t('picker.mark')}
      </Button>
    </div>
  );
}
