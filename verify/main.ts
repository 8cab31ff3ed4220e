import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { verifyProof } from './proof.ts';
import { type Verification, verifyExport } from './verify.ts';

const usage = `Usage: node verify/main.ts FOLDER [--key KEY] [--with OTHER_FOLDER] [--json]
       node verify/main.ts PROOF.json [--key KEY] [--json]

Verifies an export of a Kept ledger, offline, with nothing but the folder; or the proof of one entry,
with nothing but the file.

  --key KEY            the ledger's key that you trust (name+keyid+base64), as you were told it by
                       someone you believe; without it, the key in the folder is believed
  --with OTHER_FOLDER  another export of the same ledger: one must be the beginning of the other
  --json               the report as JSON

Exit code: 0 all holds, 1 something does not, 2 wrong usage.
`;

interface Request {
  readonly folder: string;
  readonly key?: string;
  readonly with?: string;
  readonly json: boolean;
}

function readArguments(words: readonly string[]): Request | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        with: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const [folder] = positionals;
    if (values.help || folder === undefined || positionals.length > 1) return usage;
    const { key, with: other, json } = values;
    return {
      folder,
      json,
      ...(key === undefined ? {} : { key }),
      ...(other === undefined ? {} : { with: other }),
    };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${usage}`;
  }
}

/** The report for people. */
export function reportText(report: Verification): string {
  const lines = report.checks.map(
    ({ name, ok, examined, says }) =>
      `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(11)} ${String(examined).padStart(9)}  ${says}`,
  );
  for (const problem of report.problems) {
    const entry = problem.index === undefined ? null : `entry ${problem.index}`;
    const where = [problem.file, entry].filter((part) => part != null).join(', ');
    lines.push('', `${problem.check}: ${where}${where === '' ? '' : ': '}${problem.message}`);
    if (problem.expected !== undefined) lines.push(`  expected ${problem.expected}`);
    if (problem.found !== undefined) lines.push(`  found    ${problem.found}`);
  }
  const unlisted = report.problemCount - report.problems.length;
  if (unlisted > 0) lines.push('', `and ${unlisted} more problems`);
  lines.push('');
  if (!report.ok) lines.push(`This export does NOT verify: ${report.problemCount} problems.`);
  else
    lines.push(
      `This export verifies: ${report.size} entries of ${report.origin}, root ${report.root}.`,
    );
  if (!report.trusted.given)
    lines.push(`No key was given; believed was the one in the folder: ${report.trusted.key}`);
  return `${lines.join('\n')}\n`;
}

/** What a proof showed, for people, with the entry that it proves. */
export function proofText({ lines, entry }: ReturnType<typeof verifyProof>): string {
  return `${[...lines, ...(entry === null ? [] : ['', entry])].join('\n')}\n`;
}

function tellProof(text: string, { key, json }: Request): number {
  const report = verifyProof(text, key);
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : proofText(report));
  return report.ok ? 0 : 1;
}

async function main(words: readonly string[]): Promise<number> {
  const request = readArguments(words);
  if (typeof request === 'string') {
    process.stderr.write(request);
    return 2;
  }
  const { folder, json, ...options } = request;
  try {
    if (statSync(folder).isFile()) return tellProof(readFileSync(folder, 'utf8'), request);
    const shown = process.stderr.isTTY && !json;
    const report = await verifyExport(folder, {
      ...options,
      ...(shown
        ? { onProgress: (done, size) => process.stderr.write(`\r${done} of ${size} entries `) }
        : {}),
    });
    if (shown) process.stderr.write('\r\x1b[K');
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
    return report.ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(
      `${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 2;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
