/** What a form says of the scope of a case, as the API wants it. */

export interface ScopeOf {
  readonly collection: string;
  readonly objects: number;
  readonly records: number;
}

export interface ScopeLine {
  readonly collection: string;
  readonly names: string[];
}

/** Names one a line; `collection/name` where it is to be of one collection only. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * Without names the chosen collections are meant as a whole. A name belongs to the collection that it
 * begins with, and to the only one chosen where it begins with none.
 */
export function scopeLines(
  collections: readonly string[],
  names: readonly string[],
): readonly ScopeLine[] {
  const [only] = collections;
  return collections.map((collection) => ({
    collection,
    names: names.flatMap((name) => {
      const owner = collections.find((each) => name.startsWith(`${each}/`));
      if (owner) return owner === collection ? [name.slice(owner.length + 1)] : [];
      return collection === only ? [name] : [];
    }),
  }));
}

/** A file as base64, without the head of a data URL. */
export async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
