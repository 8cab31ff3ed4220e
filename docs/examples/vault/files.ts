// In a product: import { openVault, sourceOf } from 'kept/vault';
import { openVault, sourceOf, type VaultSettings } from '../../../clients/vault/index.ts';

/** Keeps a customer's files: small ones whole, large ones in parts that survive a broken connection. */
export async function keepFiles(settings: VaultSettings): Promise<readonly string[]> {
  const acme = openVault({ ...settings, purpose: 'files of the scheduler' }).customer('acme');
  await acme.register({ name: 'Acme Example', language: 'ja', terms: '2026-04' });
  const files = acme.collection('files').objects;

  await files.put('plans/見積書 2026.txt', 'Twelve rooms, three floors.', {
    mediaType: 'text/plain',
  });

  // Whoever keeps the id can go on after a crash: upload(name, source, { resume: id }).
  const film = new Uint8Array(9 * 1024 * 1024).fill(7);
  let begun = '';
  await files.upload('film.mp4', sourceOf(film), {
    mediaType: 'video/mp4',
    onBegun: (id) => {
      begun = id;
    },
  });

  const tail = await files.get('film.mp4', { from: film.length - 4 });
  const plan = await files.get('plans/見積書 2026.txt');
  const names: string[] = [];
  for await (const { name } of files.list('plans/')) names.push(name);
  await files.remove('film.mp4');
  return [
    ...names,
    (await plan?.text()) ?? '',
    `${(await tail?.all())?.length} bytes`,
    typeof begun,
  ];
}
