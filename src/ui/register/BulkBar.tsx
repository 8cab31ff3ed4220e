import { Button, CloseButton } from '@mantine/core';
import { useWords } from '../words.ts';
import classes from './register.module.css';
import type { BulkAction } from './types.ts';
import type { SelectionControl } from './useSelection.ts';

type BulkBarProps = { control: SelectionControl; actions: readonly BulkAction[]; total: number };

/** What can be done with the selection; stands over the list's foot while anything is selected. */
export function BulkBar({ control, actions, total }: BulkBarProps) {
  const t = useWords('ui');
  const { selection } = control;
  if (selection.count === 0) return null;
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t('register.bulk')}>
      <span aria-live="polite">{t('register.selected', { count: selection.count })}</span>
      {selection.kind === 'ids' && selection.count < total && (
        <Button variant="subtle" size="compact-sm" onClick={control.all}>
          {t('register.selectAll', { count: total })}
        </Button>
      )}
      <span className={classes.push} />
      {actions.map((action) => (
        <Button
          key={action.label}
          size="compact-sm"
          variant="default"
          {...(action.danger ? { color: 'red', variant: 'outline' } : {})}
          onClick={() => action.run(selection, control.clear)}
        >
          {action.label}
        </Button>
      ))}
      <CloseButton size="sm" aria-label={t('register.clearSelection')} onClick={control.clear} />
    </div>
  );
}
