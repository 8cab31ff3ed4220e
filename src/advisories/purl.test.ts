import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPurl, formatPurl, PurlFault, parsePurl } from './purl.ts';

describe('package URLs', () => {
  it('are taken apart and put together again', () => {
    expect(parsePurl('pkg:npm/%40example/core@1.0.0?arch=x64#src/main')).toEqual({
      type: 'npm',
      namespace: '@example',
      name: 'core',
      version: '1.0.0',
      qualifiers: { arch: 'x64' },
      subpath: 'src/main',
    });
  });

  it('of whatever parts come back as they were', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((one) => one.trim() !== '' && !one.includes('/'));
    const parts = fc.record({
      type: fc.constant('generic'),
      namespace: fc.option(text),
      name: text,
      version: fc.option(text),
      qualifiers: fc.option(
        fc.dictionary(fc.constantFrom('arch', 'os', 'download_url'), text, { minKeys: 1 }),
      ),
      subpath: fc.option(text.filter((one) => one !== '.' && one !== '..')),
    });
    fc.assert(
      fc.property(parts, (given) => {
        const written = formatPurl(given);
        const read = parsePurl(written);
        expect(read).toMatchObject({
          name: given.name,
          version: given.version,
          subpath: given.subpath,
        });
        expect(canonicalPurl(written)).toBe(written);
      }),
    );
  });

  it('are read or refused, whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (tail) => {
        try {
          parsePurl(`pkg:${tail}`);
        } catch (error) {
          expect(error).toBeInstanceOf(PurlFault);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
