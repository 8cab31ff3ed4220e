import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { bytesOf, gather, piecesOf } from '../src/platform/age/testing.ts';
import { KeystoreFault } from '../src/platform/keystore/fault.ts';
import { kmsKek } from '../src/platform/keystore/kek.kms.ts';
import { openKeystore } from '../src/platform/keystore/open.ts';
import { memoryBackups, memoryShelf } from '../src/platform/keystore/shelf.memory.ts';
import { s3Objects } from '../src/platform/objects/s3.ts';
import { type ObjectStorage, objectName, StorageFault } from '../src/platform/objects/storage.ts';
import { systemRandom } from '../src/platform/random.ts';
import { motoVersion, startMoto } from './moto.ts';
import { type Outcome, Tally } from './suite.ts';

export const name = 'objects and key-encryption key by moto (S3, KMS)';

/** What moto does otherwise than AWS, so that nothing is shown of it here. */
const limits = [
  'every upload begun in 2010',
  'a server error for an upload that is gone, where S3 says NoSuchUpload',
  'KMS keys that decrypt though they are disabled',
];

const ada = '01890000-0000-7000-8000-0000000000ad';
const bob = '01890000-0000-7000-8000-0000000000b0';
const idOf = (n: number) => `01890000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const mebibyte = 1 << 20;
const bucket = 'kept-objects';

export async function run(): Promise<Outcome> {
  const tally = new Tally();
  const moto = await startMoto();
  if ('missing' in moto) {
    tally.skip(moto.missing);
    return tally.outcome();
  }
  tally.note(`moto ${motoVersion}; it has ${limits.join('; ')}`);
  const client = {
    endpoint: moto.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'example', secretAccessKey: 'example' },
  };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const kms = new KMSClient(client);
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    );
    const objects = s3Objects(s3, bucket, 'a/prefix/');
    await wholeObjects(objects, tally);
    await brokenPuts(objects, tally);
    await uploads(objects, tally);
    await removals(objects, s3, tally);
    await keys(kms, tally);
  } finally {
    s3.destroy();
    kms.destroy();
    await moto.stop();
  }
  return tally.outcome();
}

async function wholeObjects(objects: ObjectStorage, tally: Tally): Promise<void> {
  for (const length of [0, 1, mebibyte, 8 * mebibyte, 8 * mebibyte + 1, 20 * mebibyte + 3]) {
    const at = objectName(ada, idOf(length));
    const bytes = bytesOf(length);
    const stored = await objects.put(at, piecesOf(bytes, [300_000]));
    const back = await gather(objects.get(at));
    const agrees = stored.size === length && Buffer.compare(back, bytes) === 0;
    tally.expect(agrees && (await objects.size(at)) === length, `${length} bytes`);
    const [from, to] = [Math.floor(length / 3), Math.ceil(length / 2)];
    const part = await gather(objects.get(at, { from, to }));
    tally.expect(Buffer.compare(part, bytes.subarray(from, to)) === 0, `a range of ${length}`);
  }
  const absent = objectName(ada, idOf(0xab5e));
  tally.expect((await objects.size(absent)) === null, 'no size of what is not there');
  await refuses(gather(objects.get(absent)), 'missing', 'what is not there', tally);
  const one = objectName(ada, idOf(1));
  await refuses(gather(objects.get(one, { from: 0, to: 2 })), 'range', 'a range too far', tally);
}

async function brokenPuts(objects: ObjectStorage, tally: Tally): Promise<void> {
  const at = objectName(ada, idOf(0xb0c));
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield bytesOf(17 * mebibyte);
    throw new Error('the client hung up');
  }
  const error = await objects.put(at, broken()).catch((thrown: unknown) => String(thrown));
  tally.expect(String(error).includes('hung up'), 'a put that breaks off says why', String(error));
  tally.expect((await objects.size(at)) === null, 'a put that breaks off leaves no object');
  const later = Temporal.Now.instant().add({ hours: 1 });
  tally.expect((await objects.sweep(later)) === 0, 'a put that breaks off leaves no upload');
}

async function uploads(objects: ObjectStorage, tally: Tally): Promise<void> {
  const at = objectName(ada, idOf(0xca5e));
  const bytes = bytesOf(12 * mebibyte);
  const upload = await objects.beginUpload(at);
  const put = (number: number) => {
    const offset = number * 5 * mebibyte;
    return objects.putPart(upload, {
      number,
      offset,
      bytes: bytes.subarray(offset, offset + 5 * mebibyte),
    });
  };
  const [third, first, second] = [await put(2), await put(0), await put(1)];
  await put(1);
  tally.expect((await objects.size(at)) === null, 'an upload is no object before it is complete');
  await refuses(objects.completeUpload(upload, [first, third]), 'incomplete', 'a gap', tally);
  const parts = [first, second, third];
  const done = await objects.completeUpload(upload, parts);
  tally.expect(done.size === bytes.length, 'parts make an object');
  tally.expect(Buffer.compare(await gather(objects.get(at)), bytes) === 0, 'of the same bytes');
  const again = await objects.completeUpload(upload, parts).catch(String);
  tally.expect(typeof again === 'object', 'completing again answers the same', String(again));

  const left = await objects.beginUpload(objectName(bob, idOf(1)));
  const past = Temporal.Instant.from('2010-01-01T00:00:00Z');
  tally.expect((await objects.sweep(past)) === 0, 'what was begun after is not swept');
  const later = Temporal.Now.instant().add({ hours: 1 });
  tally.expect((await objects.sweep(later)) === 1, 'what was begun before is');
  await objects.abandonUpload(left);
}

async function removals(objects: ObjectStorage, s3: S3Client, tally: Tally): Promise<void> {
  for (let n = 0; n < 1_050; n += 50) {
    const names = Array.from({ length: 50 }, (_, at) => objectName(bob, idOf(n + at)));
    await Promise.all(names.map((each) => objects.put(each, piecesOf(bytesOf(1)))));
  }
  const listed = await Array.fromAsync(objects.list(bob));
  tally.expect(listed.length === 1_050, 'more objects than a page are listed', `${listed.length}`);
  await objects.remove(objectName(bob, idOf(0)));
  await objects.remove(objectName(bob, idOf(0)));
  await objects.removeAll(bob);
  tally.expect((await Array.fromAsync(objects.list(bob))).length === 0, 'all of an owner go');
  tally.expect((await Array.fromAsync(objects.list(ada))).length > 0, 'another owner’s stay');
  await objects.removeAll(ada);
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  tally.expect(KeyCount === 0, 'the bucket is empty at the end');
}

async function keys(client: KMSClient, tally: Tally): Promise<void> {
  const arns: string[] = [];
  for (let n = 0; n < 2; n++) {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    arns.push(KeyMetadata?.Arn ?? '');
  }
  const [first = '', second = ''] = arns;
  const parts = { shelf: memoryShelf(), backups: memoryBackups(), random: systemRandom() };
  const open = (arn: string) => openKeystore({ ...parts, kek: kmsKek(arn, client), cacheMs: 0 });
  const before = open(first);
  const { recipient } = await before.create(ada);
  const after = open(second);
  const same = async () =>
    Buffer.compare((await after.unwrap(ada, 1)).recipient.point, recipient.point) === 0;
  tally.expect(await same(), 'a key wrapped by one key of KMS opens under another setting');
  const { rewrapped, kek } = await after.rewrap();
  tally.expect(rewrapped === 1 && kek === second, 'all keys are wrapped by the new one');
  await client.send(disabling(first));
  tally.expect(await same(), 'and open without the old one');

  await after.create(bob);
  const stolen = await parts.shelf.read(ada, 1);
  if (stolen) await parts.shelf.replace(bob, 1, stolen);
  await refuses(after.unwrap(bob, 1), 'damaged', 'a key in another’s place', tally);
}

/** By id, because moto takes no ARN here. */
function disabling(arn: string): DisableKeyCommand {
  return new DisableKeyCommand({ KeyId: arn.split('/').at(-1) });
}

async function refuses(
  act: Promise<unknown>,
  code: string,
  what: string,
  tally: Tally,
): Promise<void> {
  const thrown: unknown = await act.then(
    () => 'nothing',
    (error: unknown) => error,
  );
  const ours = thrown instanceof StorageFault || thrown instanceof KeystoreFault;
  tally.expect(ours && thrown.code === code, `${what}: ${code}`, String(thrown));
}
