import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, SuiteModule } from './suite.ts';

/**
 * Runs the outside suites: `node conformance/main.ts [words]` runs those whose name contains one of
 * the words, or all. Exits 1 where a case failed; a suite that could not be run is said, not failed.
 */
async function main(words: readonly string[]): Promise<number> {
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.suite.ts'))
    .sort();
  const total = { passed: 0, failed: 0, skipped: 0 };
  let ran = 0;
  for (const file of files) {
    const suite = (await import(join(import.meta.dirname, file))) as SuiteModule;
    if (words.length > 0 && !words.some((word) => suite.name.includes(word))) continue;
    ran += 1;
    const outcome = await runSuite(suite);
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.skipped += outcome.skipped;
  }
  if (ran === 0) process.stderr.write(`No suite is named ${words.join(' or ')}.\n`);
  process.stdout.write(
    `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`,
  );
  return total.failed > 0 || ran === 0 ? 1 : 0;
}

async function runSuite(suite: SuiteModule): Promise<Outcome> {
  process.stdout.write(`${suite.name}\n`);
  let outcome: Outcome;
  try {
    outcome = await suite.run();
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    outcome = { passed: 0, failed: 1, skipped: 0, notes: [`FAILED to run: ${reason}`] };
  }
  for (const note of outcome.notes) process.stdout.write(`  ${note}\n`);
  process.stdout.write(
    `  ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped\n`,
  );
  return outcome;
}

process.exitCode = await main(process.argv.slice(2));
