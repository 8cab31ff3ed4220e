/** Metrics of the base of CVSS 3.x and 4.0 (first.org/cvss), for choosing a vector by hand. */

export interface Metric {
  readonly name: string;
  /** In the order of the specification. */
  readonly values: readonly string[];
}

const impact = ['H', 'L', 'N'];

const three: readonly Metric[] = [
  { name: 'AV', values: ['N', 'A', 'L', 'P'] },
  { name: 'AC', values: ['L', 'H'] },
  { name: 'PR', values: ['N', 'L', 'H'] },
  { name: 'UI', values: ['N', 'R'] },
  { name: 'S', values: ['U', 'C'] },
  { name: 'C', values: impact },
  { name: 'I', values: impact },
  { name: 'A', values: impact },
];

const four: readonly Metric[] = [
  { name: 'AV', values: ['N', 'A', 'L', 'P'] },
  { name: 'AC', values: ['L', 'H'] },
  { name: 'AT', values: ['N', 'P'] },
  { name: 'PR', values: ['N', 'L', 'H'] },
  { name: 'UI', values: ['N', 'P', 'A'] },
  { name: 'VC', values: impact },
  { name: 'VI', values: impact },
  { name: 'VA', values: impact },
  { name: 'SC', values: impact },
  { name: 'SI', values: impact },
  { name: 'SA', values: impact },
];

export const baseMetrics: Readonly<Record<string, readonly Metric[]>> = {
  '3.0': three,
  '3.1': three,
  '4.0': four,
};

/** Version and metrics of a vector's text; null where it is none of 3.x or 4.0. */
export function metricsOf(
  vector: string,
): { readonly version: string; readonly values: ReadonlyMap<string, string> } | null {
  const found = /^CVSS:(3\.0|3\.1|4\.0)\/(.+)$/.exec(vector.trim());
  if (!found) return null;
  const [, version = '', rest = ''] = found;
  const pairs = rest.split('/').map((part): [string, string] => {
    const [name = '', value = ''] = part.split(':');
    return [name, value];
  });
  return { version, values: new Map(pairs) };
}

/** The vector with one metric changed; what was not there comes last. */
export function withMetric(vector: string, name: string, value: string): string {
  const text = vector.trim();
  const changed = text.replace(new RegExp(`(/${name}:)[^/]*`), `$1${value}`);
  return changed === text && !text.includes(`/${name}:`) ? `${text}/${name}:${value}` : changed;
}
