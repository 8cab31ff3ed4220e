/**
 * A button, and what it opens: the button is there at once, the menu or panel and the library that places it are
 * fetched when a pointer or the focus comes near.
 *
 * @example
 * const { button, panel } = usePopUp('menu');
 * <ActionIcon {...button} aria-label={t('more')} />
 * {panel && <MenuPanel panel={panel} entries={entries} />}   // MenuPanel is `lazily` fetched
 */
import { type Ref, type RefObject, useId, useLayoutEffect, useRef, useState } from 'react';

/** What stands where, and whether it is open. */
export type Panel = {
  readonly id: string;
  readonly at: RefObject<HTMLButtonElement | null>;
  readonly opened: boolean;
  readonly setOpened: (opened: boolean) => void;
};

/** What the button needs, and the panel once somebody reached for it. */
export function usePopUp(kind: 'menu' | 'dialog') {
  const id = useId();
  const at = useRef<HTMLButtonElement>(null);
  const [opened, setShown] = useState(false);
  const [reached, setReached] = useState(false);
  const reach = () => setReached(true);
  const setOpened = (next: boolean) => {
    setShown(next);
    // Whoever was inside stands at the button again, not at the top of the page.
    if (!next) at.current?.focus({ preventScroll: true });
  };
  const button = {
    ref: at,
    // The name under which Mantine looks for what a panel belongs to.
    id: `${id}-target`,
    'aria-haspopup': kind,
    'aria-expanded': opened,
    onPointerEnter: reach,
    onFocus: reach,
    onClick: () => {
      reach();
      setOpened(!opened);
    },
  } as const;
  const panel: Panel | null = reached ? { id, at, opened, setOpened } : null;
  return { button, panel };
}

/**
 * In the place of a target of Mantine's: hands it the button that stands elsewhere, so that the button
 * is not drawn again, and does not lose the focus, when the panel arrives.
 */
export function ButtonElsewhere({
  at,
  ref,
}: {
  at: RefObject<HTMLButtonElement | null>;
  ref?: Ref<HTMLButtonElement>;
}) {
  useLayoutEffect(() => {
    if (typeof ref === 'function') ref(at.current);
  }, [at, ref]);
  return null;
}
