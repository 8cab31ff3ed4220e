import { folderBackups } from './keystore/backups.folder.ts';
import { folderKek, isFileKek, openWithFolder } from './keystore/kek.folder.ts';
import { isKmsKek, type KeyEncryption, withOlder } from './keystore/kek.ts';
import type { Keystore } from './keystore/keystore.ts';
import { openKeystore } from './keystore/open.ts';
import { folderShelf } from './keystore/shelf.folder.ts';
import { folderObjects } from './objects/folder.ts';
import type { ObjectStorage } from './objects/storage.ts';
import type { CustodySettings, ObjectsSetting } from './settings.custody.ts';

/** What customers entrust, and the keys to it: the part of a world that this installation is set to. */
export interface Custody {
  readonly objects: ObjectStorage;
  readonly keystore: Keystore;
}

/**
 * Opens both where the settings say, finishing in the keystore whatever destruction a crash cut off.
 *
 * @throws KeystoreFault, or the fault of a folder that cannot be used
 */
export async function openCustody(
  settings: CustodySettings,
  random: (bytes: number) => Uint8Array,
): Promise<Custody> {
  return {
    objects: await openObjects(settings.objects),
    keystore: openKeystore({
      shelf: await folderShelf(settings.keystoreFolder),
      backups: await folderBackups(settings.backupsFolder),
      kek: await openKek(settings, random),
      random,
    }),
  };
}

// The SDKs of AWS are loaded only where a setting names AWS: nobody else's start waits for them.

async function openObjects(setting: ObjectsSetting): Promise<ObjectStorage> {
  if (setting.kind === 'folder') return folderObjects(setting.folder);
  const { S3Client } = await import('@aws-sdk/client-s3');
  const { s3Objects } = await import('./objects/s3.ts');
  const { bucket, prefix, region, endpoint } = setting;
  const client = new S3Client({
    ...(region === null ? {} : { region }),
    // What is not AWS rarely has a host name for every bucket.
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
  });
  return s3Objects(client, bucket, prefix);
}

/** What the other kind of key-encryption key wrapped still opens, until `rewrap` went over all of it. */
async function openKek(
  { kek, kekFolder }: CustodySettings,
  random: (bytes: number) => Uint8Array,
): Promise<KeyEncryption> {
  if (kek.kind === 'folder') {
    return withOlder(await folderKek(kekFolder, random), isKmsKek, async (wrapped, place) => {
      const { kmsKek } = await import('./keystore/kek.kms.ts');
      return kmsKek(wrapped.kek).unwrap(wrapped, place);
    });
  }
  const { kmsKek } = await import('./keystore/kek.kms.ts');
  return withOlder(kmsKek(kek.arn), isFileKek, openWithFolder(kekFolder));
}
