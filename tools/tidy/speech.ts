import type { House } from './house.ts';
import type { Rule } from './rule.ts';

/** In pieces, so that this file does not contain what it looks for. */
const UNSPOKEN = [['/wo', 'rk/'].join(''), ['registry.', 'npmjs'].join('')];

/** The project speaks of itself: nothing in it depends on the machine or mirror it was written with. */
export const speech: Rule = {
  name: 'speech',
  judge(house: House) {
    let texts = 0;
    const findings = house.paths.flatMap((path) => {
      const text = house.text(path);
      if (text === undefined) return [];
      texts += 1;
      return UNSPOKEN.filter((word) => text.includes(word)).map((word) => ({
        path,
        line: text.slice(0, text.indexOf(word)).split('\n').length,
        message: `names ${word}, a place outside the project`,
      }));
    });
    return { findings, covered: { texts } };
  },
};
