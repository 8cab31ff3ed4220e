import fc from 'fast-check';
import { PurlFault, parsePurl } from '../src/advisories/purl.ts';
import { schemeOf } from '../src/advisories/versions/ecosystems.ts';
import { bendingOf, bent } from '../src/inventory/bending.fixture.ts';
import { bills } from '../src/inventory/bills.fixture.ts';
import { readBill } from '../src/inventory/bills.ts';
import { type Inventory, InventoryFault } from '../src/inventory/component.ts';
import { pathsOf } from '../src/inventory/paths.ts';
import { readerOf } from '../src/inventory/readers.ts';
import { samples } from '../src/inventory/samples.fixture.ts';
import { type Outcome, Tally } from './suite.ts';

/** Cases of each parser; `KEPT_FUZZ=100000` for a night. */
const runs = Number(process.env['KEPT_FUZZ'] ?? 2_000);
/** One case that takes longer hangs, on whatever machine. */
const limitMs = 10_000;

export const name = `parsers: files cut, bent and filled with odd characters, ${runs} of each kind`;

const ecosystems = ['npm', 'Go', 'PyPI', 'RubyGems', 'Maven', 'NuGet', 'Packagist', 'Pub', 'Hex'];
const distributions = ['Debian', 'Alpine', 'Red Hat'];

/** Each is read, in part or whole, or refused in words: nothing else is thrown, and none hangs. */
export async function run(): Promise<Outcome> {
  const tally = new Tally();
  for (const [file, text] of Object.entries(samples)) {
    const reader = readerOf(file);
    await judge(tally, file, bendingOf(text), (bending) =>
      inventoried(() => must(reader)(bent(text, bending))),
    );
  }
  for (const [format, text] of Object.entries(bills)) {
    await judge(tally, format, bendingOf(text), (bending) =>
      inventoried(() => readBill(bent(text, bending))),
    );
  }
  await judge(tally, 'package URLs', purlish, (text) => within(PurlFault, () => parsePurl(text)));
  for (const ecosystem of [...ecosystems, ...distributions]) {
    await judge(tally, `versions of ${ecosystem}`, fc.tuple(versionish, versionish), ([a, b]) =>
      compared(ecosystem, a, b),
    );
  }
  return tally.outcome();
}

const purlish = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => `pkg:npm/${text}`),
  fc.stringMatching(/^pkg:[a-z]{1,6}\/[@%a-zA-Z0-9/#?&=+.:~-]{0,40}$/),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const versionish = fc.oneof(
  fc.stringMatching(/^[v0-9][0-9a-zA-Z.+~:^_-]{0,20}$/),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Paths are walked too: what was read may go round in circles. */
const inventoried = (read: () => Inventory | Promise<Inventory>): Promise<void> =>
  within(InventoryFault, async () => pathsOf(await read()));

function must<T>(value: T | null): T {
  if (value === null) throw new Error('there is no reader');
  return value;
}

async function within(
  fault: typeof PurlFault | typeof InventoryFault,
  act: () => unknown,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof fault)) throw error;
  }
}

/** An order: the other way round it is the other way round, and a version is its own equal. */
function compared(ecosystem: string, a: string, b: string): void {
  const scheme = must(schemeOf(ecosystem));
  const [x, y] = [scheme.read(a), scheme.read(b)];
  if (x === null || y === null) return;
  const [there, back] = [Math.sign(scheme.compare(x, y)), Math.sign(scheme.compare(y, x))];
  if (there + back !== 0) throw new Error('the order has no other way round');
  if (scheme.compare(x, x) !== 0) throw new Error('a version is not its own equal');
}

async function judge<T>(
  tally: Tally,
  label: string,
  cases: fc.Arbitrary<T>,
  act: (value: T) => unknown,
): Promise<void> {
  const property = fc.asyncProperty(cases, async (value) => {
    const from = performance.now();
    await act(value);
    const ms = performance.now() - from;
    if (ms > limitMs) throw new Error(`it took ${Math.round(ms)} ms`);
  });
  const found = await fc.check(property, { numRuns: runs });
  const said = `${String(found.errorInstance)} for ${JSON.stringify(found.counterexample)}`;
  tally.expect(!found.failed, `${label}: ${runs} cases`, said.slice(0, 1_000));
}
