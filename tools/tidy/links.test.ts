import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { links } from './links.ts';

const files = {
  'docs/start.md':
    '# Start\n\n## What it is, in `short`\n\n## Twice\n\n## Twice\n\n<a id="own"></a>\n\n## 始めかた\n',
  'docs/decisions/0001.md': '# One\n',
  'docs/a.png': '',
};
const judge = (text: string) => objectionsOf(links, { ...files, 'README.md': text });

describe('links', () => {
  it.each([
    '[a](docs/start.md) [b](./docs/start.md#what-it-is-in-short) [c](docs/) [d](docs/decisions) [e](/docs/a.png)',
    '[a](#here)\n\n# Here',
    '![a](docs/a.png) <img src="docs/a.png">',
    '[a](docs/start.md#twice-1) [b](docs/start.md#own) [c](docs/start.md#始めかた)',
    '[a](https://example.com/none) [b](mailto:a@example.com)',
    '`[a](none.md)`\n\n```\n[b](none.md)\n```',
  ])('follows %s', (text) => {
    expect(judge(text)).toEqual([]);
  });

  it.each([
    '[a](docs/none.md)',
    '[a](docs/start.md#nothing)',
    '[a](#nothing)',
    '[a](docs/start.md#twice-2)',
    '![a](docs/b.png)',
    '<img src="docs/b.png">',
    '[a][x]\n\n[x]: docs/none.md',
  ])('objects to %s', (text) => {
    expect(judge(text)).toHaveLength(1);
  });

  it('reads links of a document from its own folder', () => {
    const found = objectionsOf(links, {
      ...files,
      'docs/decisions/0002.md': '[a](../start.md)\n\n[b](start.md)',
    });
    expect(found).toEqual(['docs/decisions/0002.md:3 dead link to start.md']);
  });
});
