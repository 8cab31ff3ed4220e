// What is happening, on stderr so that a command's own output stays clean: one line that redraws on
// a terminal, and a plain line now and then elsewhere.

const REDRAW_MS = 200;
const PLAIN_LINE_EVERY_MS = 10_000;

/**
 * Shows that `what` has begun. `describe()` may add a changing part ("120 of 406 packages").
 * The result's `done` and `failed` end it with the time taken.
 */
export function showProgress(what, describe = () => '') {
  const out = process.stderr;
  const live = out.isTTY === true && process.env.TERM !== 'dumb';
  const begun = Date.now();
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  const line = () => [what, describe(), seconds()].filter((part) => part !== '').join(' · ');

  if (!live) out.write(`kept: ${what}\n`);
  const timer = setInterval(
    () =>
      out.write(
        live ? `\r\u001b[2K${line().slice(0, (out.columns || 80) - 1)}` : `kept: ${line()}\n`,
      ),
    live ? REDRAW_MS : PLAIN_LINE_EVERY_MS,
  );
  const end = (outcome) => {
    clearInterval(timer);
    out.write(`${live ? '\r\u001b[2K' : ''}kept: ${what}: ${outcome} after ${seconds()}\n`);
  };
  return { done: () => end('done'), failed: () => end('failed') };
}
