import type { Terminal } from './terminal.ts';

export interface Progress {
  show(text: string): void;
  /** Takes the line away again; what follows says how it ended. */
  done(): void;
}

const watchedMs = 100;
const coarseMs = 10_000;

/**
 * How far long work is: one line that changes where somebody watches, a new line every ten seconds
 * where the output is kept in a file, nothing where programs read along.
 */
export function progressOn(terminal: Terminal): Progress {
  if (terminal.json) return { show: () => undefined, done: () => undefined };
  const everyMs = terminal.watched ? watchedMs : coarseMs;
  let shownMs = terminal.watched ? Number.NEGATIVE_INFINITY : performance.now();
  let standing = false;
  return {
    show: (text) => {
      const nowMs = performance.now();
      if (nowMs - shownMs < everyMs) return;
      shownMs = nowMs;
      standing = terminal.watched;
      terminal.err(terminal.watched ? `\r\x1b[K${text}` : `${text}\n`);
    },
    done: () => {
      if (standing) terminal.err('\r\x1b[K');
      standing = false;
    },
  };
}

/** `12.3 MB`, `7.4 kB`: sizes as people read them. */
export function sizeText(bytes: number): string {
  return bytes < 1_000_000
    ? `${(bytes / 1_000).toFixed(1)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
