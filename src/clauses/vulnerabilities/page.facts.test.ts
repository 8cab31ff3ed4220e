import { expect, test } from 'vitest';
import { deadlineText } from './page.facts.tsx';

const words = {
  t: (key: string, values: Record<string, string | number> = {}) =>
    `${key} ${Object.values(values).join(' ')}`,
  place: { language: 'en' as const, zone: 'Asia/Tokyo' },
};
const deadline = {
  policyVersion: 2,
  class: 'high' as const,
  classDays: 30,
  exploitedDays: 3,
  exploitedOn: '2026-01-05',
  shortened: true,
};

test('the reason of a deadline counts from the day that the deadline counts from', () => {
  // Exploited long before it was found here: from then on that it was found.
  const found = { countsFrom: '2026-03-10T01:00:00Z', dueAt: '2026-03-13T01:00:00Z' };
  expect(deadlineText({ deadline, ...found }, words)).toContain('whyExploited 3 10 Mar 2026');
  // Found first: from midnight in Tokyo of the day that it was known to be exploited.
  const known = { countsFrom: '2026-01-01T01:00:00Z', dueAt: '2026-01-07T15:00:00Z' };
  expect(deadlineText({ deadline, ...known }, words)).toContain('whyExploited 3 5 Jan 2026');
  const byClass = { ...deadline, shortened: false };
  expect(deadlineText({ deadline: byClass, ...known }, words)).not.toContain('whyExploited');
});
