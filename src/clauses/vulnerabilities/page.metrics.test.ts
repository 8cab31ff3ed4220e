import { describe, expect, test } from 'vitest';
import { isVector } from './facts.rating.ts';
import { baseMetrics, metricsOf, withMetric } from './page.metrics.ts';

const samples = {
  '3.0': 'CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  '3.1': 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  '4.0': 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N',
};

describe('choosing a vector by its metrics', () => {
  test.each(Object.entries(samples))(
    'every choice of %s is a vector that can be scored',
    (version, vector) => {
      expect(metricsOf(vector)?.version).toBe(version);
      for (const { name, values } of baseMetrics[version] ?? []) {
        for (const value of values) {
          const chosen = withMetric(vector, name, value);
          expect(metricsOf(chosen)?.values.get(name)).toBe(value);
          expect(isVector(chosen)).toBe(true);
        }
      }
    },
  );

  test('what was not there comes last, and the rest stays', () => {
    expect(withMetric(samples['3.1'], 'E', 'P')).toBe(`${samples['3.1']}/E:P`);
    expect(withMetric(samples['3.1'], 'A', 'N')).toBe(samples['3.1'].replace('/A:H', '/A:N'));
  });

  test('other texts have no metrics', () => {
    expect(metricsOf('')).toBeNull();
    expect(metricsOf('AV:N/AC:L/Au:N/C:P/I:P/A:P')).toBeNull();
  });
});
