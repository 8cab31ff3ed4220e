/** How a command ends. `kept up` and `kept demo` have codes of their own from 10 on. */
export const exit = {
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  notAllowed: 4,
  fault: 5,
  /** Of a scan: nothing bad was found, and not all could be judged. */
  incomplete: 6,
} as const;

export type Exit = (typeof exit)[keyof typeof exit];

/** A problem as the API tells it (RFC 9457), as far as the command line shows it. */
export interface Problem {
  readonly title: string;
  readonly detail?: string;
  readonly action?: string;
  readonly code?: string;
  readonly status?: number;
  readonly reference?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Ends a command; shown as one block on standard error. */
export class CliFault extends Error {
  override readonly name = 'CliFault';
  readonly exit: Exit;
  readonly problem: Problem;

  constructor(code: Exit, problem: Problem | string, cause?: unknown) {
    const whole = typeof problem === 'string' ? { title: problem } : problem;
    super(whole.title, { cause });
    this.exit = code;
    this.problem = whole;
  }
}

/** The block: what happened, what exactly, what to do, what finds it in the log. */
export function problemText(problem: Problem): string {
  const { title, detail, action, errors, reference } = problem;
  const lines = [
    ...(detail && detail !== title ? [detail] : []),
    ...(errors ?? []).map(({ path, message }) => (path ? `${path}: ${message}` : message)),
    ...(action ? [`What to do: ${action}`] : []),
    ...(reference ? [`Reference: ${reference}`] : []),
  ];
  return [`kept: ${title}`, ...lines.map((line) => `  ${line}`), ''].join('\n');
}
