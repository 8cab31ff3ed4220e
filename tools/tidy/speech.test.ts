import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { speech } from './speech.ts';

describe('speech', () => {
  it.each(['/wo', 'registry.'])('objects to a place outside, beginning with %s', (start) => {
    const place = start === '/wo' ? `${start}rk/main` : `${start}npmjs.org`;
    expect(objectionsOf(speech, { 'docs/a.md': `one\ntwo ${place}` })).toHaveLength(1);
    expect(objectionsOf(speech, { 'docs/a.md': `one\ntwo ${place}` })[0]).toMatch(
      /^docs\/a\.md:2 /,
    );
  });

  it('leaves work alone', () => {
    expect(objectionsOf(speech, { 'docs/a.md': 'How we work / what we registered' })).toEqual([]);
  });
});
