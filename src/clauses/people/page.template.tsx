import { ActionIcon, Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../ui/api.ts';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { Icon } from '../../ui/icons.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import classes from './page.module.css';
import type { Template } from './page.templates.tsx';
import type { routes } from './routes.ts';

const roles = [
  'security-officer',
  'commercial-officer',
  'people',
  'engineer',
  'support',
  'auditor',
  'employee',
] as const;
const occasions = ['joiner', 'mover', 'leaver'] as const;

type Item = Template['items'][number];

const blank: Item = { words: { en: '', ja: '' }, owner: 'manager', days: 0, path: '' };

type Written = Omit<Template, 'id' | 'version'>;
type FormProps = { readonly template?: Template; readonly done: () => void };

/** Names of roles, as choices. */
function useRoleChoices() {
  const web = useWords('web');
  return roles.map((value) => ({ value: value as string, label: web(`role.${value}`) }));
}

/** Writes a checklist in both languages: items, whose each is, and when. */
export default function TemplateForm({ template, done }: FormProps) {
  const t = useWords('clauses/people');
  const api = useApi<typeof routes>();
  const [it, setIt] = useState<Written>(
    template ?? { kind: 'joiner', role: null, titles: { en: '', ja: '' }, items: [blank] },
  );
  const save = useCommand(api.saveChecklistTemplate, { done: t('templates.saved'), onDone: done });
  const retire = useCommand(api.retireChecklistTemplate, {
    done: t('templates.retired'),
    onDone: done,
  });
  const { kind, role, titles, items } = it;
  const send = () =>
    save.run({
      id: template?.id ?? null,
      version: template?.version ?? 0,
      ...{ kind, role, titles, items },
    });
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('templates.save')}
      will={t('templates.will')}
      running={save.running}
      problem={save.problem ?? retire.problem}
      onCancel={done}
    >
      <Head it={it} change={setIt} />
      <Items items={items} change={(next) => setIt({ ...it, items: next })} />
      {template && (
        <div>
          <Button
            variant="subtle"
            color="red"
            loading={retire.running}
            onClick={() => void retire.run({ id: template.id, version: template.version })}
          >
            {t('templates.retire')}
          </Button>
        </div>
      )}
    </FieldForm>
  );
}

/** Occasion, role and titles. */
function Head({ it, change }: { it: Written; change: (it: Written) => void }) {
  const t = useWords('clauses/people');
  const roleData = useRoleChoices();
  return (
    <>
      <Select
        label={t('checklists.occasion')}
        data={occasions.map((value) => ({ value, label: t(`occasion.${value}`) }))}
        value={it.kind}
        onChange={(value) => change({ ...it, kind: (value ?? it.kind) as Template['kind'] })}
        allowDeselect={false}
      />
      <Select
        label={t('templates.role')}
        placeholder={t('templates.everyone')}
        data={roleData}
        value={it.role}
        onChange={(value) => change({ ...it, role: value as Template['role'] })}
        clearable
      />
      {(['en', 'ja'] as const).map((language) => (
        <TextInput
          key={language}
          label={t(`publishing.title.${language}`)}
          value={it.titles[language]}
          onChange={(event) =>
            change({ ...it, titles: { ...it.titles, [language]: event.currentTarget.value } })
          }
          required
        />
      ))}
    </>
  );
}

function Items({ items, change }: { items: Item[]; change: (items: Item[]) => void }) {
  const t = useWords('clauses/people');
  const roleData = useRoleChoices();
  return (
    <>
      {items.map((item, at) => (
        <ItemFields
          // biome-ignore lint/suspicious/noArrayIndexKey: an item has no name of its own but its place
          key={at}
          number={at + 1}
          item={item}
          roleData={roleData}
          change={(next) => change(items.map((each, n) => (n === at ? next : each)))}
          remove={() => change(items.filter((_, n) => n !== at))}
        />
      ))}
      <div>
        <Button variant="default" onClick={() => change([...items, blank])}>
          {t('templates.addItem')}
        </Button>
      </div>
    </>
  );
}

interface ItemProps {
  readonly number: number;
  readonly item: Item;
  readonly roleData: { value: string; label: string }[];
  readonly change: (item: Item) => void;
  readonly remove: () => void;
}

function ItemFields({ number, item, roleData, change, remove }: ItemProps) {
  const t = useWords('clauses/people');
  const ownerData = [
    { value: 'person', label: t('owner.person') },
    { value: 'manager', label: t('owner.manager') },
    ...roleData,
  ];
  return (
    <fieldset className={classes.question}>
      <legend>{t('templates.item', { number: String(number) })}</legend>
      {(['en', 'ja'] as const).map((language) => (
        <TextInput
          key={language}
          label={t(`templates.words.${language}`)}
          value={item.words[language]}
          onChange={(event) =>
            change({ ...item, words: { ...item.words, [language]: event.currentTarget.value } })
          }
          required
        />
      ))}
      <Select
        label={t('templates.owner')}
        data={ownerData}
        value={item.owner}
        onChange={(owner) => change({ ...item, owner: (owner ?? item.owner) as Item['owner'] })}
        allowDeselect={false}
      />
      <NumberInput
        label={t('templates.days')}
        min={-90}
        max={365}
        value={item.days}
        onChange={(days) => change({ ...item, days: Number(days) })}
      />
      <ActionIcon
        variant="default"
        mt="xs"
        aria-label={t('templates.removeItem', { number: String(number) })}
        onClick={remove}
      >
        <Icon name="close" />
      </ActionIcon>
    </fieldset>
  );
}
