import { Button, Group, Stack } from '@mantine/core';
import {
  type ChangeEvent,
  type FormEvent,
  type ReactNode,
  useEffect,
  useRef,
  useState,
} from 'react';
import type { ApiProblem } from './api.ts';
import { ProblemNotice } from './ProblemNotice.tsx';
import { useWords } from './words.ts';

type FieldFormProps = {
  children?: ReactNode;
  onSubmit: () => void;
  /** The verb on the button: "Revoke 41 accesses". */
  submit: string;
  /** What will happen, as one sentence above the button. */
  will?: ReactNode;
  running?: boolean;
  problem?: ApiProblem | undefined;
  onCancel?: () => void;
  /** Word of the button beside it. Default "Cancel". */
  cancel?: string;
  danger?: boolean;
  disabled?: boolean;
};

/**
 * A form: fields, a sentence that says what will happen, one button. Problems of fields stand at the fields
 * (see {@link useFields}) and the first of them gets the focus; others stand above the button.
 *
 * @example
 * const add = useCommand(api.addPerson, { done: t('added') });
 * const form = useFields({ name: '', startsOn: '', roles: [] as string[], sendMail: true }, add.fieldErrors);
 * <FieldForm onSubmit={() => add.run(form.values)} submit={t('add')} will={t('add.will')} running={add.running} problem={add.problem}>
 *   <TextInput label={t('name')} required {...form.text('name')} />
 *   <MultiSelect label={t('roles')} data={roles} {...form.choice('roles')} />
 *   <Checkbox label={t('sendMail')} {...form.tick('sendMail')} />
 * </FieldForm>
 */
export function FieldForm({
  children,
  onSubmit,
  submit,
  will,
  running = false,
  problem,
  onCancel,
  cancel,
  danger = false,
  disabled = false,
}: FieldFormProps) {
  const t = useWords('ui');
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem && problem.errors.length > 0)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);
  const press = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (!running && !disabled) onSubmit();
  };
  return (
    <form ref={form} onSubmit={press}>
      <Stack gap="md">
        {children}
        {problem && <ProblemNotice problem={problem} />}
        {will && <p className="kept-will">{will}</p>}
        <Group gap="xs">
          <Button
            type="submit"
            loading={running}
            disabled={disabled}
            {...(danger ? { color: 'red' } : {})}
          >
            {submit}
          </Button>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {cancel ?? t('cancel')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

type Keys<Values, Kind> = {
  [Name in keyof Values]: Values[Name] extends Kind ? Name : never;
}[keyof Values] &
  string;

/** Values of a form and what each field of Mantine needs. Errors come from problem details, by path. */
export function useFields<Values extends Record<string, unknown>>(
  initial: Values,
  errors: Readonly<Record<string, string>> = {},
) {
  const [values, setValues] = useState(initial);
  const set = <Name extends keyof Values>(name: Name, value: Values[Name]) =>
    setValues((before) => ({ ...before, [name]: value }));
  const error = (name: string) => (errors[name] === undefined ? {} : { error: errors[name] });
  return {
    values,
    set,
    reset: () => setValues(initial),
    /** For `TextInput`, `Textarea`, `PasswordInput`, `type="date"`. */
    text: (name: Keys<Values, string>) => ({
      name,
      value: values[name] as string,
      onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
        set(name, event.currentTarget.value as Values[typeof name]),
      ...error(name),
    }),
    /** For `Select`, `MultiSelect`, `NumberInput`, `Radio.Group`: components that hand over the value itself. */
    choice: <Name extends keyof Values & string>(name: Name) => ({
      value: values[name],
      onChange: (value: unknown) => set(name, value as Values[Name]),
      ...error(name),
    }),
    /** For `Checkbox`, `Switch`. */
    tick: (name: Keys<Values, boolean>) => ({
      name,
      checked: values[name] as boolean,
      onChange: (event: ChangeEvent<HTMLInputElement>) =>
        set(name, event.currentTarget.checked as Values[typeof name]),
      ...error(name),
    }),
  };
}
