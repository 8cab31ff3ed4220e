import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGround } from '../bench/ground.ts';
import { openScimServer, type ScimServer } from './scim-server.ts';
import { type Outcome, sharedCases, Tally, withoutCases } from './suite.ts';

export const name = 'Okta: SCIM 2.0 SPEC test';

interface Assertion {
  readonly comparison: string;
  readonly source: 'response_status' | 'response_json' | 'response_time';
  readonly value: string | null;
  readonly property?: string;
}

interface Step {
  readonly step_type: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string | null;
  readonly assertions: readonly Assertion[];
  readonly variables: readonly { readonly name: string; readonly property: string }[];
  readonly scripts: readonly string[];
}

export async function run(): Promise<Outcome> {
  const folder = sharedCases('scim');
  if (folder === null) return withoutCases('scim');
  const suite = JSON.parse(readFileSync(join(folder, 'okta-spec.json'), 'utf8')) as {
    readonly steps: readonly Step[];
  };
  const tally = new Tally();
  const ground = await openGround(() => undefined);
  try {
    const server = await openScimServer(await ground.world('scim_okta'));
    try {
      const variables = variablesOf(server);
      const requests = suite.steps.filter(({ step_type }) => step_type === 'request');
      for (const [n, step] of requests.entries()) await doStep(step, n + 1, variables, tally);
    } finally {
      await server.close();
    }
  } finally {
    await ground.close();
  }
  return tally.outcome();
}

/** What is set before the first step; the name and the address of a new user are one, as Okta has it. */
function variablesOf({ url, token }: ScimServer): Map<string, string> {
  const address = 'conformance.runscope@example.com';
  return new Map([
    ['SCIMBaseURL', url],
    ['auth', `Bearer ${token}`],
    ['InvalidUserEmail', 'nobody@example.com'],
    ['UserIdThatDoesNotExist', '010101001010101011001010101011'],
    ['randomEmail', address],
    ['randomUsername', address],
    ['randomUsernameCaps', address.toUpperCase()],
    ['randomGivenName', 'Runscope'],
    ['randomFamilyName', 'Conformance'],
  ]);
}

async function doStep(
  step: Step,
  n: number,
  variables: Map<string, string>,
  tally: Tally,
): Promise<void> {
  const filled = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => variables.get(name) ?? `{{${name}}}`);
  const headers = Object.entries(step.headers).map(
    ([header, values]) => [header, filled(values.join(', '))] as [string, string],
  );
  const from = performance.now();
  const response = await fetch(filled(step.url), {
    method: step.method,
    headers,
    ...(step.body ? { body: filled(step.body) } : {}),
  });
  const text = await response.text();
  const tookMs = performance.now() - from;
  const json: unknown = JSON.parse(text);
  for (const assertion of step.assertions) {
    const { comparison, source, property = '', value } = assertion;
    const found =
      source === 'response_status'
        ? response.status
        : source === 'response_time'
          ? tookMs
          : at(json, property);
    const wanted = value === null ? '' : filled(value);
    const what = `step ${n}, ${step.method}: ${source} ${property} ${comparison} ${wanted}`;
    tally.expect(agrees(comparison, found, wanted), what, `was ${JSON.stringify(found)}`);
  }
  for (const { name, property } of step.variables) variables.set(name, String(at(json, property)));
  // The one script there is says: where something is found, `Resources` is a list.
  if (step.scripts.some((script) => script.includes('totalResults'))) {
    const list = json as { totalResults?: number; Resources?: unknown };
    const fits = (list.totalResults ?? 0) < 1 || Array.isArray(list.Resources);
    tally.expect(fits, `step ${n}: Resources is a list`);
  }
}

/** What stands at `Resources[0].name.familyName`. */
function at(json: unknown, property: string): unknown {
  const steps = property.split(/[.[\]]+/).filter(Boolean);
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)[step]
        : undefined,
    json,
  );
}

function agrees(comparison: string, found: unknown, wanted: string): boolean {
  switch (comparison) {
    case 'equal_number':
      return Number(found) === Number(wanted);
    case 'equal':
      return String(found) === wanted;
    case 'not_empty':
      return found !== undefined && found !== null && found !== '';
    case 'is_a_number':
      return typeof found === 'number';
    case 'has_value':
    case 'contains':
      return Array.isArray(found) ? found.includes(wanted) : String(found).includes(wanted);
    case 'is_less_than':
      return Number(found) < Number(wanted);
    default:
      return false;
  }
}
