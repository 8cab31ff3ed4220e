import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { DropMenu } from './DropMenu.tsx';
import classes from './page.module.css';
import { useTitle } from './useTitle.ts';
import { useWords } from './words.ts';

export type Action = {
  readonly label: string;
  readonly run: () => void;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly running?: boolean;
};

type PageHeaderProps = {
  title: string;
  /** One sentence under the title: the state of what the page shows. */
  sentence?: ReactNode;
  /** The one thing most readers come to do. */
  primary?: Action | undefined;
  /** The rest, in a menu. */
  others?: readonly Action[];
  /** Where this page hangs, e.g. a link back to the register. */
  above?: ReactNode;
};

/**
 * Head of a page; also sets the title of the window.
 *
 * @example
 * <PageHeader title={t('title')} sentence={t('count', { count })}
 *   primary={{ label: t('add'), run: open }} others={[{ label: t('import'), run: startImport }]} />
 */
export function PageHeader({ title, sentence, primary, others = [], above }: PageHeaderProps) {
  useTitle(title);
  return (
    <header className={classes.header}>
      <div className={classes.heading}>
        {above && <div className={classes.above}>{above}</div>}
        <h1 className={classes.title}>{title}</h1>
        {sentence && <p className={classes.sentence}>{sentence}</p>}
      </div>
      <Actions primary={primary} others={others} />
    </header>
  );
}

/** One primary button, the rest behind "more". Used by page and sheet headers. */
export function Actions({
  primary,
  others = [],
}: {
  primary?: Action | undefined;
  others?: readonly Action[] | undefined;
}) {
  const t = useWords('ui');
  if (!primary && others.length === 0) return null;
  return (
    <div className={classes.actions}>
      {primary && (
        <Button
          onClick={primary.run}
          disabled={primary.disabled ?? false}
          loading={primary.running ?? false}
          {...(primary.danger ? { color: 'red' } : {})}
        >
          {primary.label}
        </Button>
      )}
      {others.length > 0 && (
        <DropMenu shows="more" label={t('more')} variant="default" size={36} entries={others} />
      )}
    </div>
  );
}
