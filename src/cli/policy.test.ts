import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { json, kept, serving } from './fixture.ts';

it('import policy sends a text of each clause, and says where the draft is, in JSON too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kept-policy-'));
  const { url, asked, close } = await serving(({ path }, response) =>
    json(response, 200, path === '/api/v1/promises' ? [{ clause: 'access' }] : { id: 'd1' }),
  );
  onTestFinished(async () => {
    await close();
    await rm(folder, { recursive: true });
  });
  await mkdir(join(folder, 'text', 'access'), { recursive: true });
  await writeFile(join(folder, 'text', 'access', 'policy.en.md'), '# Access\n');
  const env = { KEPT_URL: url, KEPT_TOKEN: 'x' };
  const { code, out } = await kept(['import', 'policy', 'text'], { env, folder });
  expect([code, out]).toEqual([
    0,
    `Began a draft of 1 clauses in 1 texts: ${url}/console/policy/versions/d1\n`,
  ]);
  expect(asked.at(-1)?.body).toEqual({
    texts: [{ clause: 'access', language: 'en', markdown: '# Access\n' }],
  });
  const asJson = await kept(['--json', 'import', 'policy', 'text'], { env, folder });
  expect(JSON.parse(asJson.out)).toEqual({ server: url, id: 'd1', clauses: 1, texts: 1 });
});
