/** What bytes are, found from the bytes alone: nothing is believed that a customer's file says of itself. */

export type Content =
  | { readonly kind: 'text' | 'json' | 'bytes'; readonly text: string; readonly bytes: number }
  | {
      readonly kind: 'image';
      readonly mediaType: string;
      readonly data: Uint8Array<ArrayBuffer>;
      readonly bytes: number;
    };

/** Types that no browser runs, by how they begin; SVG is text here, because it may carry script. */
const images: readonly { readonly mediaType: string; readonly begins: readonly number[] }[] = [
  { mediaType: 'image/png', begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mediaType: 'image/jpeg', begins: [0xff, 0xd8, 0xff] },
  { mediaType: 'image/gif', begins: [0x47, 0x49, 0x46, 0x38] },
];

/** How many bytes of what is neither text nor image are shown. */
const hexBytes = 512;

/** Text as text, JSON set out, images as images, the rest as its first bytes. */
export function recognise(data: Uint8Array<ArrayBuffer>, what: 'object' | 'record'): Content {
  const bytes = data.length;
  const image = images.find(({ begins }) => begins.every((byte, at) => data[at] === byte));
  if (image) return { kind: 'image', mediaType: image.mediaType, data, bytes };
  const text = textOf(data);
  if (text === null) return { kind: 'bytes', text: hex(data.subarray(0, hexBytes)), bytes };
  const laidOut = jsonOf(text);
  if (laidOut !== null) return { kind: 'json', text: laidOut, bytes };
  return { kind: what === 'record' ? 'json' : 'text', text, bytes };
}

/** Null where it is not UTF-8, or holds what no text does. A cut in the last character is none. */
function textOf(data: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data, { stream: true });
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

function jsonOf(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

/** Sixteen to a line: offset, bytes, and what of them is ASCII. */
function hex(data: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < data.length; at += 16) {
    const part = [...data.subarray(at, at + 16)];
    const bytes = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'));
    lines.push(`${at.toString(16).padStart(6, '0')}  ${bytes.padEnd(47)}  ${ascii.join('')}`);
  }
  return lines.join('\n');
}
