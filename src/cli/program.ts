import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { roles } from '../kernel/actor.ts';
import {
  advisoryStats,
  importAdvisories,
  type StoreFlags,
  type UpdateFlags,
  updateAdvisories,
} from './commands/advisories.ts';
import { exportLedger } from './commands/export.ts';
import { type GrantFlags, importGrants, importTable } from './commands/import.ts';
import { importPolicy } from './commands/policy.ts';
import { failOnChoices, type ScanFlags, scan } from './commands/scan.ts';
import { status } from './commands/status.ts';
import { createToken, listTokens, revokeToken, type TokenFlags } from './commands/token.ts';
import { up } from './commands/up.ts';
import { type VerifyFlags, verify } from './commands/verify.ts';
import { CliFault, exit, problemText } from './exit.ts';
import type { Terminal } from './terminal.ts';

const epilogue = `
The server is found by KEPT_URL and KEPT_TOKEN, or on its own machine by the file
cli.json (mode 0600) that it keeps in its data folder (KEPT_DATA) while it runs.

Settings of up and demo, by environment:
  KEPT_PORT       port, 4747 where not set; 0 for any free one
  KEPT_HOST       address to listen on, 127.0.0.1 where not set
  KEPT_DATA       data folder, ./data (demo: ./data/demo) where not set
  KEPT_URL        origin under which people reach it, such as https://kept.example.com
  DATABASE_URL    a PostgreSQL of yours; without it, one runs in the data folder
  KEPT_KEY_FILE   master key, made where it does not exist; keep it apart from backups
  KEPT_OBJECTS    customers' objects, a folder or s3://bucket/prefix
  KEPT_KEYSTORE   customers' keys, wrapped; keep it out of the backups of the data
  KEPT_KEYSTORE_BACKUPS  backups of it, of the last 35 days
  KEPT_KEK        key-encryption key, a folder or aws-kms:ARN
  KEPT_INTERNAL_HOSTS    hosts inside your network that Kept may ask, with commas between
  KEPT_TRUSTED_PROXIES   addresses of your proxies, with commas between
  KEPT_SMTP_URL   mail server, such as smtps://user:password@mail.example.com
  KEPT_MAIL_FROM  sender of mails

Settings of scan and advisories:
  KEPT_ADVISORIES       file of the advisories on this machine, in the cache where not set
  KEPT_ADVISORIES_FROM  bucket laid out as OSV's, instead of OSV's own
  KEPT_THREATS_FROM     addresses of KEV and EPSS, with a blank between
  KEPT_CDXGEN           path of cdxgen, found by its name where not set

Exit codes:
  0  ok                                  10  up: cannot listen, the port is in use
  1  refused, verification failed,       11  up: the data folder cannot be used
     scan: something was found
  2  wrong usage or setting              12  up: another Kept runs on the folder
  3  the server cannot be reached        13  up: the database cannot be reached
  4  not allowed                         14  up: the database refuses us
  5  fault; or what Kept runs on         15  up: the database is of another version
     (Node, packages) is not there
  6  scan: not all could be judged       16  up: PostgreSQL failed
`;

/** The commands; `run` is given each with the terminal of its call. */
export function programOf(
  terminalOf: (json: boolean) => Terminal,
  ended: (code: number) => void,
): Command {
  const program = new Command('kept');
  program
    .description("A company's security policy as a running system.")
    .option('--json', 'answer in JSON')
    .addHelpText('after', epilogue)
    .configureHelp({ helpWidth: 90, sortSubcommands: false, showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminalOf(false).out(text),
      writeErr: (text) => terminalOf(false).err(text),
      // Said by `run`, in the form that was asked for.
      outputError: () => undefined,
    })
    .exitOverride();
  const act =
    <Args extends unknown[]>(run: (terminal: Terminal, ...args: Args) => Promise<number>) =>
    async (...args: Args) =>
      ended(await run(terminalOf(program.opts<{ json?: boolean }>().json === true), ...args));
  const command = (parent: Command, name: string, description: string) =>
    parent.command(name).description(description).copyInheritedSettings(program);

  command(program, 'up', 'run Kept for your organisation, until it is asked to stop').action(
    act((terminal) => up(terminal, false)),
  );
  command(program, 'demo', 'run Kept with a sample company and its history').action(
    act((terminal) => up(terminal, true)),
  );
  command(program, 'status', 'say which promises are kept and which are not').action(act(status));
  addImports(command(program, 'import', 'import a file: whole, or not at all'), command, act);
  command(program, 'export', 'write the whole ledger into a folder, for anybody to verify')
    .argument('<dir>', 'a new or empty folder')
    .action(act((terminal, dir: string) => exportLedger(terminal, dir)));
  command(program, 'verify', 'verify an exported ledger, offline')
    .argument('<dir>', 'folder of the export')
    .option('--key <key>', 'the key of the ledger that you trust: name+keyid+base64')
    .option('--with <other>', 'another export: one must be the beginning of the other')
    .action(act((terminal, dir: string, flags: VerifyFlags) => verify(terminal, dir, flags)));
  addTokens(command(program, 'token', 'tokens of the API'), command, act);
  addScan(command, program, act);
  return program;
}

type Act = <Args extends unknown[]>(
  run: (terminal: Terminal, ...args: Args) => Promise<number>,
) => (...args: Args) => Promise<void>;
type Add = (parent: Command, name: string, description: string) => Command;

function addImports(parent: Command, command: Add, act: Act): void {
  for (const kind of ['people', 'systems'] as const) {
    command(parent, kind, `import ${kind} from a CSV file`)
      .argument('<file>', 'CSV with a header')
      .action(act((terminal, file: string) => importTable(terminal, kind, file)));
  }
  command(parent, 'policy', 'begin a draft of the policy from a folder')
    .argument('<dir>', 'a folder for each clause, with policy.en.md and policy.ja.md')
    .action(act((terminal, dir: string) => importPolicy(terminal, dir)));
  command(parent, 'grants', 'import a complete read of who holds what on a system')
    .argument('<file>', 'lines of "user permission", or CSV with a header')
    .addOption(
      new Option(
        '--format <format>',
        'what the file is, where its first line does not tell',
      ).choices(['pairs', 'csv']),
    )
    .requiredOption('--system <key>', 'key of the system in the register')
    .option('--no-create', 'refuse a system that the register does not know, instead of adding it')
    .action(
      act((terminal, file: string, flags: GrantFlags) => importGrants(terminal, file, flags)),
    );
}

function addTokens(parent: Command, command: Add, act: Act): void {
  command(parent, 'create', 'make a token; it is shown once')
    .argument('<name>', 'what it is for')
    .addOption(
      new Option('--role <role...>', 'roles it acts in').choices([...roles]).makeOptionMandatory(),
    )
    .option('--scope <action...>', 'actions it is narrowed to')
    .option('--days <days>', 'days until it expires, 366 at most', days, 90)
    .action(act((terminal, name: string, flags: TokenFlags) => createToken(terminal, name, flags)));
  command(parent, 'list', 'list the tokens').action(act(listTokens));
  command(parent, 'revoke', 'revoke a token at once')
    .argument('<id>', 'id, as listed')
    .action(act((terminal, id: string) => revokeToken(terminal, id)));
}

function addScan(command: Add, program: Command, act: Act): void {
  const store = [
    '--store <file>',
    'advisories on this machine, instead of KEPT_ADVISORIES',
  ] as const;
  command(program, 'scan', 'find known vulnerabilities of lockfiles and bills of materials')
    .argument('[path...]', 'folders, lockfiles, bills of materials; here where nothing is given')
    .option(...store)
    .addOption(
      new Option('--format <format>', 'form of the answer')
        .choices(['table', 'json', 'sarif', 'cyclonedx'])
        .default('table'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'end with 1 from this severity on, or where it is unknown')
        .choices([...failOnChoices])
        .default('low'),
    )
    .option('--ignore <file>', 'what to ignore, why and until when, instead of .kept-ignore.yaml')
    .option('--exclude <pattern...>', 'paths to pass over in folders, besides .gitignore')
    .option('--cdxgen', 'have cdxgen, if installed, tell of what is not read directly')
    .option('--server', 'ask the server instead of the advisories on this machine')
    .option('--record <source>', 'record what was read as an audit of this source on the server')
    .option(
      '--gone-because <reason>',
      'with --record: why most of what was known is gone; somebody else confirms it',
    )
    .action(act((terminal, paths: string[], flags: ScanFlags) => scan(terminal, paths, flags)));
  const parent = command(program, 'advisories', 'advisories on this machine, for scan');
  command(parent, 'import', 'take in advisories of the OSV format')
    .argument(
      '<source>',
      'a folder, .zip, .tar.gz or .json; the KEV catalogue; EPSS as .csv or .csv.gz',
    )
    .option(...store)
    .action(
      act((terminal, source: string, flags: StoreFlags) =>
        importAdvisories(terminal, source, flags),
      ),
    );
  command(parent, 'update', 'bring them up to date over the network: OSV, KEV, EPSS')
    .argument('[ecosystem...]', 'such as npm, PyPI, Debian:12; those that are there, or the usual')
    .option(...store)
    .option('--from <address>', 'bucket laid out as OSV’s, instead of KEPT_ADVISORIES_FROM')
    .option('--no-threats', 'leave KEV and EPSS as they are')
    .action(
      act((terminal, ecosystems: string[], flags: UpdateFlags) =>
        updateAdvisories(terminal, ecosystems, flags),
      ),
    );
  command(parent, 'stats', 'say what is there, by ecosystem')
    .option(...store)
    .action(act((terminal, flags: StoreFlags) => advisoryStats(terminal, flags)));
}

function days(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 366) return Number(text);
  throw new InvalidArgumentError('It must be a number from 1 to 366.');
}

/** Help that was asked for, which Commander has printed, is 0; everything else is wrong usage. */
function endedBy({ exitCode, message }: CommanderError, terminal: Terminal): number {
  if (exitCode === 0) return exit.ok;
  const title = message.replace(/^error: /, '');
  terminal.err(terminal.json ? `${JSON.stringify({ title })}\n` : `error: ${title}\n`);
  return exit.usage;
}

/** Runs a command line and says how it ended; never throws. */
export async function run(
  args: readonly string[],
  terminalOf: (json: boolean) => Terminal,
): Promise<number> {
  let code: number = exit.ok;
  const program = programOf(terminalOf, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (thrown) {
    const terminal = terminalOf(program.opts<{ json?: boolean }>().json ?? args.includes('--json'));
    if (thrown instanceof CommanderError) return endedBy(thrown, terminal);
    const problem =
      thrown instanceof CliFault
        ? thrown.problem
        : { title: `Fault: ${(thrown as Error).message ?? thrown}` };
    terminal.err(terminal.json ? `${JSON.stringify(problem)}\n` : problemText(problem));
    return thrown instanceof CliFault ? thrown.exit : exit.fault;
  }
}
