import type { ExportForm } from '../../registers/portal/facts.ts';

/** The page in an archive that says what is in it, in both languages: it is read without us. */
export function readme(form: ExportForm): string {
  return `${common}\n${form === 'age' ? sealed : ''}${japanese}\n${form === 'age' ? sealedJapanese : ''}`;
}

const common = `EXPORT OF EVERYTHING

objects/      what was stored as files, by collection. A name that some disk would not take lies under
              "~" with its id; the exact names stand in objects.jsonl.
records/      records as JSON, by collection: arrays of { key, value, id, revision, madeAt, changedAt }.
objects.jsonl one line of JSON for each object: path, name, size, SHA-256, media type, dates.
manifest.json counts by collection, and of what and when this is an export.
SHA256SUMS    SHA-256 of every file; to check them all: sha256sum --check SHA256SUMS
`;

const sealed = `Files that end in .age are sealed to the account's own key (https://age-encryption.org). With the
identity from the portal in identity.txt:  age --decrypt -i identity.txt -o FILE FILE.age
`;

const japanese = `
すべての書き出し

objects/      ファイルとして保管していたもの（コレクション別）。保存できない名前のものは「~」の下に識別子で
              置かれています。正確な名前は objects.jsonl にあります。
records/      レコード（JSON、コレクション別）: { key, value, id, revision, madeAt, changedAt } の配列
objects.jsonl オブジェクト1件につき1行のJSON: パス、名前、サイズ、SHA-256、メディアタイプ、日時
manifest.json コレクションごとの件数と、この書き出しの対象・日時
SHA256SUMS    全ファイルのSHA-256。照合するには: sha256sum --check SHA256SUMS
`;

const sealedJapanese = `末尾が .age のファイルは、アカウント専用の鍵で封じられています（https://age-encryption.org）。
ポータルで受け取った鍵を identity.txt に保存し: age --decrypt -i identity.txt -o FILE FILE.age
`;
