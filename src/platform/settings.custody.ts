import { join, resolve } from 'node:path';
import type { Read } from './settings.ts';

/** Where objects lie. */
export type ObjectsSetting =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Empty, or ending with a slash. */
      readonly prefix: string;
      /** Null: as the SDK finds it. */
      readonly region: string | null;
      /** Of something that speaks S3 and is not AWS; null: AWS. */
      readonly endpoint: string | null;
    };

/** Where the key-encryption key lies. */
export type KekSetting =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'kms'; readonly arn: string };

/** Where what customers entrust lies, and the keys to it: five places, each as far from the others as wanted. */
export interface CustodySettings {
  readonly objects: ObjectsSetting;
  /** Absolute. */
  readonly keystoreFolder: string;
  /** Absolute. */
  readonly backupsFolder: string;
  readonly kek: KekSetting;
  /** Where a key-encryption key in files lay before KMS took over, or lies. Absolute. */
  readonly kekFolder: string;
}

/** Reads them; folders lie in the data folder where nothing else is said. */
export function custodySettings(read: Read, folder: string, dataFolder: string): CustodySettings {
  const folderOf = (text: string) => (text.includes('\0') ? undefined : resolve(folder, text));
  const kek = read<KekSetting>(
    'KEPT_KEK',
    { kind: 'folder', folder: join(dataFolder, 'kek') },
    (text) => kekOf(text, folderOf),
    'a folder, or aws-kms: and the ARN of a key, such as aws-kms:arn:aws:kms:eu-west-1:111122223333:key/…',
  );
  return {
    objects: read<ObjectsSetting>(
      'KEPT_OBJECTS',
      { kind: 'folder', folder: join(dataFolder, 'objects') },
      (text) => objectsOf(text, folderOf),
      'a folder, or a place in S3, such as s3://bucket/prefix',
    ),
    keystoreFolder: read('KEPT_KEYSTORE', join(dataFolder, 'keystore'), folderOf, 'a folder'),
    backupsFolder: read(
      'KEPT_KEYSTORE_BACKUPS',
      join(dataFolder, 'keystore-backups'),
      folderOf,
      'a folder',
    ),
    kek,
    kekFolder: kek.kind === 'folder' ? kek.folder : join(dataFolder, 'kek'),
  };
}

function objectsOf(
  text: string,
  folderOf: (text: string) => string | undefined,
): ObjectsSetting | undefined {
  if (!text.includes('://')) {
    const folder = folderOf(text);
    return folder === undefined ? undefined : { kind: 'folder', folder };
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 's3:' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host)) return;
  const endpoint = url.searchParams.get('endpoint');
  if (endpoint !== null && !URL.canParse(endpoint)) return;
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  return {
    kind: 's3',
    bucket: url.host,
    prefix: path === '' ? '' : `${path}/`,
    region: url.searchParams.get('region'),
    endpoint,
  };
}

function kekOf(
  text: string,
  folderOf: (text: string) => string | undefined,
): KekSetting | undefined {
  if (!text.startsWith('aws-kms:')) {
    const folder = folderOf(text);
    return folder === undefined ? undefined : { kind: 'folder', folder };
  }
  const arn = text.slice('aws-kms:'.length);
  return /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(key|alias)\/\S+$/.test(arn)
    ? { kind: 'kms', arn }
    : undefined;
}
