import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { checkRange, missing, sizeOfParts } from './checks.ts';
import { partsOf } from './pieces.ts';
import {
  type ByteRange,
  type ObjectName,
  type ObjectStorage,
  objectName,
  partsOfName,
  StorageFault,
  type StoredObject,
  type Upload,
} from './storage.ts';

/** A part of a put: S3 asks for 5 MiB at least and 10,000 parts at most, so this carries 80 GB. */
const partBytes = 8 << 20;
const deletedAtOnce = 1_000;

/**
 * Objects in a bucket of S3, as `PREFIX` `OWNER/ID`. An object of S3 appears whole or not at all, which
 * is all that is asked of a put; uploads in parts are S3's own multipart uploads, so that completing
 * one moves no byte. Versioning of the bucket must be off, or deleted versions expire by its own rule.
 *
 * @param prefix empty, or ending with a slash
 */
export function s3Objects(client: S3Client, bucket: string, prefix: string): ObjectStorage {
  return new S3Objects(client, bucket, prefix);
}

class S3Objects implements ObjectStorage {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async put(name: ObjectName, source: AsyncIterable<Uint8Array>): Promise<StoredObject> {
    const parts = partsOf(source, partBytes);
    const first = await parts.next();
    const second = first.done ? first : await parts.next();
    if (second.done) return this.#putWhole(name, first.done ? Buffer.of() : first.value);
    const upload = await this.beginUpload(name);
    try {
      const receipts = [
        await this.putPart(upload, { number: 0, offset: 0, bytes: first.value ?? Buffer.of() }),
        await this.putPart(upload, { number: 1, offset: partBytes, bytes: second.value }),
      ];
      for await (const bytes of parts) {
        const number = receipts.length;
        receipts.push(await this.putPart(upload, { number, offset: number * partBytes, bytes }));
      }
      return await this.completeUpload(upload, receipts);
    } catch (error) {
      await parts.return();
      await this.abandonUpload(upload);
      throw error;
    }
  }

  async *get(name: ObjectName, range?: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
    const key = this.#keyOf(name);
    if (range) {
      const size = await this.size(name);
      if (size === null) throw missing();
      checkRange(range, size);
      if (range.from === range.to) return;
    }
    const Range = range ? { Range: `bytes=${range.from}-${range.to - 1}` } : {};
    const { Body } = await asked(() =>
      this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...Range })),
    );
    if (!Body) return;
    try {
      yield* Body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw faultOf(error);
    }
  }

  async size(name: ObjectName): Promise<number | null> {
    const key = { Bucket: this.#bucket, Key: this.#keyOf(name) };
    try {
      const { ContentLength } = await asked(() => this.#client.send(new HeadObjectCommand(key)));
      return ContentLength ?? 0;
    } catch (error) {
      if (error instanceof StorageFault && error.code === 'missing') return null;
      throw error;
    }
  }

  async remove(name: ObjectName): Promise<void> {
    const key = { Bucket: this.#bucket, Key: this.#keyOf(name) };
    await asked(() => this.#client.send(new DeleteObjectCommand(key)));
  }

  async removeAll(owner: string): Promise<void> {
    let names: ObjectName[] = [];
    for await (const { name } of this.list(owner)) {
      names.push(name);
      if (names.length < deletedAtOnce) continue;
      await this.#removeSome(names);
      names = [];
    }
    await this.#removeSome(names);
  }

  async *list(owner?: string): AsyncGenerator<StoredObject, void, undefined> {
    if (owner !== undefined) objectName(owner, owner);
    const Prefix = `${this.#prefix}${owner === undefined ? '' : `${owner}/`}`;
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix });
    try {
      for await (const { Contents = [] } of pages) {
        for (const { Key = '', Size = 0 } of Contents) {
          const name = Key.slice(this.#prefix.length);
          partsOfName(name);
          yield { name, size: Size };
        }
      }
    } catch (error) {
      throw faultOf(error);
    }
  }

  async beginUpload(name: ObjectName): Promise<Upload> {
    const key = { Bucket: this.#bucket, Key: this.#keyOf(name) };
    const { UploadId } = await asked(() =>
      this.#client.send(new CreateMultipartUploadCommand(key)),
    );
    if (!UploadId) throw new StorageFault('unreachable', 'S3 began an upload without a name');
    return { name, token: UploadId };
  }

  putPart: ObjectStorage['putPart'] = async (upload, { number, bytes }) => {
    const { ETag } = await asked(() =>
      this.#client.send(
        new UploadPartCommand({ ...this.#of(upload), PartNumber: number + 1, Body: bytes }),
      ),
    );
    return { number, size: bytes.length, mark: ETag ?? '' };
  };

  completeUpload: ObjectStorage['completeUpload'] = async (upload, parts) => {
    const { name } = upload;
    const size = sizeOfParts(parts);
    const Parts = parts.map(({ number, mark }) => ({ PartNumber: number + 1, ETag: mark }));
    try {
      await asked(() =>
        this.#client.send(
          new CompleteMultipartUploadCommand({
            ...this.#of(upload),
            MultipartUpload: { Parts },
          }),
        ),
      );
    } catch (error) {
      // It was completed before, and whoever did so was cut off before they could say it.
      const gone = error instanceof StorageFault && error.code === 'missing';
      if (!gone || (await this.size(name)) !== size) throw error;
    }
    return { name, size };
  };

  async abandonUpload(upload: Upload): Promise<void> {
    try {
      await asked(() => this.#client.send(new AbortMultipartUploadCommand(this.#of(upload))));
    } catch (error) {
      if (!(error instanceof StorageFault && error.code === 'missing')) throw error;
    }
  }

  sweep: ObjectStorage['sweep'] = async (begunBefore) => {
    const old: Upload[] = [];
    for await (const { Key = '', UploadId = '', Initiated } of this.#openUploads()) {
      if (!Initiated || Initiated.getTime() >= begunBefore.epochMilliseconds) continue;
      old.push({ name: Key.slice(this.#prefix.length), token: UploadId });
    }
    for (const upload of old) await this.abandonUpload(upload);
    return old.length;
  };

  async *#openUploads(): AsyncGenerator<MultipartUpload, void, undefined> {
    let after: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | null = {};
    while (after) {
      const page: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
        Bucket: this.#bucket,
        Prefix: this.#prefix,
        ...after,
      });
      const {
        Uploads = [],
        IsTruncated,
        NextKeyMarker,
        NextUploadIdMarker,
      } = await asked(() => this.#client.send(page));
      yield* Uploads;
      after =
        IsTruncated && NextKeyMarker && NextUploadIdMarker
          ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
          : null;
    }
  }

  async #putWhole(name: ObjectName, bytes: Uint8Array): Promise<StoredObject> {
    const key = { Bucket: this.#bucket, Key: this.#keyOf(name) };
    await asked(() => this.#client.send(new PutObjectCommand({ ...key, Body: bytes })));
    return { name, size: bytes.length };
  }

  async #removeSome(names: readonly ObjectName[]): Promise<void> {
    if (names.length === 0) return;
    const Objects = names.map((name) => ({ Key: this.#keyOf(name) }));
    const { Errors = [] } = await asked(() =>
      this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
      ),
    );
    if (Errors.length === 0) return;
    throw new StorageFault('unreachable', `S3 kept ${Errors.length} of ${names.length} objects`);
  }

  #of({ name, token }: Upload) {
    return { Bucket: this.#bucket, Key: this.#keyOf(name), UploadId: token };
  }

  #keyOf(name: ObjectName): string {
    partsOfName(name);
    return `${this.#prefix}${name}`;
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw faultOf(error);
  }
}

function faultOf(error: unknown): StorageFault {
  if (error instanceof StorageFault) return error;
  const name = error instanceof Error ? error.name : String(error);
  if (['NoSuchKey', 'NotFound', 'NoSuchUpload'].includes(name)) return missing(error);
  if (['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall'].includes(name)) {
    return new StorageFault('incomplete', `S3 does not take the parts (${name})`, error);
  }
  return new StorageFault('unreachable', `S3 did not do what it was asked (${name})`, error);
}
