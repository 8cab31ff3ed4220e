/**
 * Bytes of a file as text. Exports of Japanese spreadsheets are often Shift_JIS; nothing in the
 * file says so, hence: a byte order mark decides, then UTF-8 if every byte agrees, then Shift_JIS
 * if every byte agrees. Null where none does: text is never guessed with holes in it.
 */
export function decodeText(bytes: Uint8Array): { text: string; encoding: string } | null {
  const marked = marks.find(({ mark }) => mark.every((byte, at) => bytes[at] === byte));
  for (const encoding of marked ? [marked.encoding] : ['utf-8', 'shift_jis']) {
    try {
      return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
    } catch {
      // Not this encoding; the next may fit.
    }
  }
  return null;
}

const marks = [
  { encoding: 'utf-8', mark: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', mark: [0xff, 0xfe] },
  { encoding: 'utf-16be', mark: [0xfe, 0xff] },
] as const;
