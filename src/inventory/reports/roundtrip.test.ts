import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cycloneDxVex } from '../../advisories/exports/cyclonedx.ts';
import type { ExportedItem, ExportHead } from '../../advisories/exports/exported.ts';
import { openVex } from '../../advisories/exports/openvex.ts';
import { sarif } from '../../advisories/exports/sarif.ts';
import { readReport } from './read.ts';
import { justifications } from './report.ts';

const head: ExportHead = {
  url: 'https://kept.example.com',
  organisation: 'Example',
  at: '2026-11-23T12:00:00Z',
};

const item = (changes: Partial<ExportedItem> = {}): ExportedItem => ({
  id: '0193b6a0-0000-7000-8000-000000000002',
  label: 'V-1',
  names: ['CVE-2019-11358', 'GHSA-6c3j-c64m-qhgq'],
  isRule: false,
  summary: 'Prototype pollution in jQuery',
  state: 'open',
  class: 'medium',
  score: 6.1,
  vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N',
  exploited: false,
  package: { ecosystem: 'npm', name: 'jquery' },
  versions: ['3.3.1'],
  purls: ['pkg:npm/jquery@3.3.1'],
  system: { key: 'web-shop', name: 'Web shop' },
  fixVersion: '3.4.0',
  openedAt: '2026-11-01T00:00:00Z',
  dueAt: '2027-01-30T00:00:00Z',
  closedAt: null,
  decision: null,
  ...changes,
});
const decided = {
  kind: 'notAffected',
  justification: 'vulnerable_code_not_in_execute_path',
  reason: 'Only used at build time',
  until: '2027-06-01T00:00:00Z',
} as const;
const rule = item({
  id: '0193b6a0-0000-7000-8000-000000000003',
  label: 'V-2',
  names: ['codeql/js/sql-injection'],
  isRule: true,
  package: null,
  versions: ['src/an order.js:42', 'https://www.example.com/a%20b'],
  purls: [null, null],
  vector: null,
  fixVersion: null,
});

const writers = { cycloneDxVex, openVex, sarif } as const;
type Writer = keyof typeof writers;

async function written(writer: Writer, items: readonly ExportedItem[]): Promise<string> {
  const pieces: string[] = [];
  const given = (async function* () {
    yield* items;
  })();
  for await (const piece of writers[writer](head, given)) pieces.push(piece);
  return pieces.join('');
}

const readBack = async (writer: Writer, items: readonly ExportedItem[]) =>
  readReport(await written(writer, items));

/** OpenVEX 0.2.0 as its specification has it: what has to be there, and nothing else. */
const iri = z.string().regex(/^[a-z][a-z0-9+.-]*:\S+$/i);
const identified = {
  '@id': iri,
  identifiers: z.strictObject({ purl: z.string().startsWith('pkg:') }).optional(),
};
const common = {
  '@id': iri,
  vulnerability: z.strictObject({
    name: z.string(),
    description: z.string().optional(),
    aliases: z.array(z.string()).optional(),
  }),
  timestamp: z.iso.datetime(),
  products: z.array(
    z.strictObject({ ...identified, subcomponents: z.array(z.strictObject(identified)) }),
  ),
};
const openVexDocument = z.strictObject({
  '@context': z.literal('https://openvex.dev/ns/v0.2.0'),
  '@id': iri,
  author: z.string(),
  role: z.string(),
  timestamp: z.iso.datetime(),
  version: z.int().min(1),
  tooling: z.string(),
  statements: z.array(
    z.union([
      z.strictObject({ ...common, status: z.enum(['fixed', 'under_investigation']) }),
      z.strictObject({ ...common, status: z.literal('affected'), action_statement: z.string() }),
      z.strictObject({
        ...common,
        status: z.literal('not_affected'),
        impact_statement: z.string(),
      }),
      z.strictObject({
        ...common,
        status: z.literal('not_affected'),
        justification: z.enum(justifications),
        status_notes: z.string(),
      }),
    ]),
  ),
});

/** SARIF 2.1.0 as far as it is written here: sections 3.13 to 3.49. */
const message = z.strictObject({ text: z.string().min(1) });
const level = z.enum(['none', 'note', 'warning', 'error']);
const properties = z.record(z.string(), z.unknown());
const sarifLog = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              shortDescription: message,
              helpUri: z.url().optional(),
              defaultConfiguration: z.strictObject({ level }),
              properties,
            }),
          ),
        }),
      }),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          kind: z.literal('fail'),
          level,
          message,
          locations: z.array(
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({
                  uri: z.string().regex(/^[\w.~:/?#[\]@!$&'()*+,;=%-]*$/),
                }),
                region: z.strictObject({ startLine: z.int().min(1) }).optional(),
              }),
            }),
          ),
          relatedLocations: z
            .array(
              z.strictObject({
                logicalLocations: z.array(
                  z.strictObject({
                    fullyQualifiedName: z.string(),
                    name: z.string(),
                    kind: z.string(),
                  }),
                ),
              }),
            )
            .optional(),
          hostedViewerUri: z.url(),
          partialFingerprints: z.record(z.string(), z.string()),
          suppressions: z.array(
            z.strictObject({
              kind: z.enum(['inSource', 'external']),
              status: z.enum(['accepted', 'underReview', 'rejected']),
              justification: z.string(),
            }),
          ),
          properties,
        }),
      ),
    }),
  ),
});

async function expectToFollow(writer: Writer, text: string): Promise<void> {
  if (writer === 'openVex') openVexDocument.parse(JSON.parse(text));
  else if (writer === 'sarif') sarifLog.parse(JSON.parse(text));
  else {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
  }
}

describe('the backlog handed to other tools (VUL-3)', () => {
  const states: readonly ExportedItem[] = [
    item(),
    item({ state: 'working', fixVersion: null }),
    item({ state: 'notAffected', decision: decided }),
    item({ state: 'notAffected', decision: { ...decided, justification: null } }),
    item({ state: 'accepted', decision: { ...decided, kind: 'accepted', justification: null } }),
    item({ state: 'fixed', closedAt: '2026-11-20T00:00:00Z' }),
    item({ state: 'open', class: 'unrated', score: null, vector: null }),
    item({ state: 'lapsed', closedAt: '2026-11-20T00:00:00Z' }),
    rule,
  ].map((one, n) => ({ ...one, id: one.id.replace(/.$/, String(n)) }));

  test.each(Object.keys(writers) as Writer[])(
    '%s follows its format, empty and in every state',
    async (writer) => {
      if (writer !== 'openVex') await expectToFollow(writer, await written(writer, []));
      await expectToFollow(writer, await written(writer, states));
    },
  );

  test.each(Object.keys(writers) as Writer[])(
    '%s is read by what reads other tools',
    async (writer) => {
      const { findings } = await readBack(writer, [item()]);
      expect(findings).toMatchObject([
        {
          names: ['CVE-2019-11358', 'GHSA-6c3j-c64m-qhgq'],
          package: { ecosystem: 'npm', name: 'jquery', version: '3.3.1' },
          summary: 'Prototype pollution in jQuery',
          statement: null,
        },
      ]);
    },
  );

  test.each([
    ['fixed', null, { kind: 'fixed', justification: null }],
    ['notAffected', decided, { kind: 'notAffected', justification: decided.justification }],
    ['lapsed', null, undefined],
  ] as const)(
    'what is %s is told as a statement, in both kinds of VEX',
    async (state, decision, told) => {
      for (const writer of ['cycloneDxVex', 'openVex'] as const) {
        const { findings } = await readBack(writer, [item({ state, decision })]);
        expect(findings[0]?.statement).toEqual(told);
      }
    },
  );

  test('every justification survives both kinds of VEX', async () => {
    for (const justification of justifications) {
      const given = item({ state: 'notAffected', decision: { ...decided, justification } });
      for (const writer of ['cycloneDxVex', 'openVex'] as const)
        expect((await readBack(writer, [given])).findings[0]?.statement?.justification).toBe(
          justification,
        );
    }
  });

  test('rules go out as SARIF with their places; VEX says nothing of them', async () => {
    const text = await written('sarif', [rule]);
    expect(text).toContain('src/an%20order.js');
    expect((await readBack('sarif', [rule])).findings[0]).toMatchObject({
      place: 'src/an order.js:42',
    });
    expect(JSON.parse(await written('openVex', [rule])).statements).toEqual([]);
    expect(JSON.parse(await written('cycloneDxVex', [rule])).vulnerabilities).toEqual([]);
  });

  test('whatever stands in an item, the documents follow their formats', async () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
    const any = fc.record({
      summary: fc.string({ unit: 'grapheme' }),
      names: fc.array(word, { minLength: 1, maxLength: 3 }),
      versions: fc.uniqueArray(word, { maxLength: 3 }),
      package: fc.option(
        fc.record({ ecosystem: fc.constantFrom('npm', 'Maven', 'Debian:12', 'x'), name: word }),
      ),
      state: fc.constantFrom(
        ...(['open', 'working', 'accepted', 'notAffected', 'fixed', 'lapsed'] as const),
      ),
      fixVersion: fc.option(word),
    });
    // Each document is held against its schema, which takes a second to prepare: many items in each.
    const check = async (many: readonly Partial<ExportedItem>[]) => {
      const given = many.map((changes, n) =>
        item({ ...changes, id: `item-${n}`, purls: [], isRule: changes.package === null }),
      );
      for (const writer of Object.keys(writers) as Writer[])
        await expectToFollow(writer, await written(writer, given));
    };
    await fc.assert(fc.asyncProperty(fc.array(any, { minLength: 30, maxLength: 60 }), check), {
      numRuns: 3,
      endOnFailure: true,
    });
  });
});
