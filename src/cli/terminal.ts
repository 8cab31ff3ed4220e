import { createInterface } from 'node:readline/promises';

/** Everything of the world that a command touches besides files and the server. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths start. */
  readonly folder: string;
  readonly json: boolean;
  /** Standard output: answers, and nothing but answers. */
  out(text: string): void;
  /** Standard error: progress and problems. */
  err(text: string): void;
  /** Whether somebody watches standard error. */
  readonly watched: boolean;
  /** Asks for a yes; null where nobody is there to be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
}

export function processTerminal(json: boolean): Terminal {
  const asks = process.stdin.isTTY === true && process.stderr.isTTY === true && !json;
  return {
    env: process.env,
    folder: process.cwd(),
    json,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    watched: process.stderr.isTTY === true && !json,
    confirm: asks ? confirm : null,
  };
}

async function confirm(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `)).trim());
  } finally {
    reader.close();
  }
}

/** Answers in the form that was asked for. */
export function answer(terminal: Terminal, value: unknown, text: string): void {
  terminal.out(
    terminal.json
      ? `${JSON.stringify(value, null, 2)}\n`
      : text.endsWith('\n')
        ? text
        : `${text}\n`,
  );
}
