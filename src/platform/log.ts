/** Kept's own log: one JSON object a line on standard error, for whoever collects logs. */
type Fields = Readonly<Record<string, unknown>>;

let muted = false;

/** Says nothing from here on: for the simulator, whose faults are made on purpose. */
export function mute(): void {
  muted = true;
}

function write(level: 'info' | 'warn' | 'error', message: string, fields: Fields): void {
  if (muted) return;
  const line = { at: new Date().toISOString(), level, message, ...fields };
  process.stderr.write(
    `${JSON.stringify(line, (_, value: unknown) => (value instanceof Error ? described(value) : value))}\n`,
  );
}

function described(error: Error): Record<string, unknown> {
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
}

export const log = {
  info: (message: string, fields: Fields = {}) => write('info', message, fields),
  warn: (message: string, fields: Fields = {}) => write('warn', message, fields),
  error: (message: string, fields: Fields = {}) => write('error', message, fields),
};
