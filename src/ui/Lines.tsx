import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './small.module.css';

/** What may be done with one line: a short verb on the button, its whole name for who hears it. */
export type LineAct = {
  readonly verb: string;
  readonly name: string;
  readonly run: () => void;
  readonly danger?: boolean;
};

/**
 * A few things below each other with hairlines between them, each with what may be done with it.
 *
 * @example <Lines><Line acts={[{ verb: t('remove'), name: t('removeOf', { name }), run: remove }]}>{name}</Line></Lines>
 */
export function Lines({ children }: { children: ReactNode }) {
  return <ul className={classes.lines}>{children}</ul>;
}

export function Line({ acts = [], children }: { acts?: readonly LineAct[]; children: ReactNode }) {
  return (
    <li>
      <div>{children}</div>
      {acts.length > 0 && (
        <Group gap="xs">
          {acts.map(({ verb, name, run, danger = false }) => (
            <Button
              key={verb}
              variant="default"
              size="compact-sm"
              {...(danger ? { c: 'red' } : {})}
              onClick={run}
              aria-label={name}
            >
              {verb}
            </Button>
          ))}
        </Group>
      )}
    </li>
  );
}
