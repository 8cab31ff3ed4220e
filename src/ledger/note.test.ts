import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkpointText,
  openCheckpoint,
  parseCheckpointText,
  peekCheckpoint,
  signCheckpoint,
} from './checkpoint.ts';
import {
  noteKey,
  openNote,
  parseNote,
  parseNoteKey,
  parseSigningKey,
  signatureBy,
  signerOfSeed,
  signingKeyText,
  signNote,
  strictBase64,
  verifyEd25519,
} from './note.ts';

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as {
  readonly note: { readonly key: string; readonly text: string };
};
const seed = new Uint8Array(32).fill(7);
const signer = signerOfSeed('ledger.example.com/kept', seed);
const stranger = signerOfSeed('witness.example.com', new Uint8Array(32).fill(8));
const root = new Uint8Array(32).fill(1);

describe('keys', () => {
  test('of the Go documentation read the same here', () => {
    // From the documentation of golang.org/x/mod/sumdb/note.
    const key = parseNoteKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    expect(key.ok && key.value.id.toHex()).toBe('c74f20a3');
  });

  test('survive being written and read', () => {
    expect(parseNoteKey(signer.key.text)).toEqual({ ok: true, value: signer.key });
    const again = parseSigningKey(signingKeyText('ledger.example.com/kept', seed));
    expect(again.ok && again.value.key.text).toBe(vectors.note.key);
  });

  test.each([
    '',
    'name',
    'name+00000000+',
    vectors.note.key.replace('+', ' +'),
    vectors.note.key.replace('ledger', 'ledgers'),
    vectors.note.key.toUpperCase(),
    `${vectors.note.key}=`,
    `${vectors.note.key}\n`,
  ])('%j is none', (text) => {
    expect(parseNoteKey(text).ok).toBe(false);
  });

  test('are refused with bad names, and signing keys never repeat themselves in a reason', () => {
    for (const name of ['', 'a b', 'a+b', 'a\u3000b', 'a\nb'])
      expect(() => noteKey(name, root)).toThrow('cannot name');
    const secret = signingKeyText('ledger.example.com/kept', seed);
    const broken = parseSigningKey(`${secret.slice(0, -2)}AA`);
    expect(broken.ok).toBe(false);
    expect(JSON.stringify(broken)).not.toContain(secret.slice(-20, -4));
  });

  test('verify what OpenSSL signs with the same key, and nothing of the wrong length', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const message = Buffer.from('text\n');
    const signature = sign(null, message, privateKey);
    expect(verifyEd25519(raw, message, signature)).toBe(true);
    expect(verifyEd25519(raw, message, signature)).toBe(true); // the key it was given is left as it was
    expect(verifyEd25519(raw, Buffer.from('test\n'), signature)).toBe(false);
    expect(verifyEd25519(raw.subarray(1), message, signature)).toBe(false);
    expect(verifyEd25519(raw, message, signature.subarray(1))).toBe(false);
  });
});

describe('notes', () => {
  test('are written as pinned', async () => {
    const text = vectors.note.text.slice(0, vectors.note.text.lastIndexOf('\n\n') + 1);
    expect(await signNote(text, [signer])).toBe(vectors.note.text);
  });

  test('keep empty lines and several signatures; unknown ones are passed over', async () => {
    const note = await signNote('one\n\ntwo\n', [stranger, signer]);
    const opened = openNote(note, [signer.key]);
    expect(opened.ok && opened.value.text).toBe('one\n\ntwo\n');
    expect(opened.ok && opened.value.signatures).toHaveLength(2);
    expect(openNote(note, [signer.key, stranger.key]).ok).toBe(true);
    expect(openNote(note, [])).toMatchObject({ ok: false });
    const only = parseNote(await signNote('one\n', [stranger]));
    expect(only.ok && signatureBy(only.value, signer.key)).toBe('absent');
  });

  test('with any bit flipped are refused', async () => {
    const bytes = Buffer.from(vectors.note.text);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(openNote(flipped, [signer.key]).ok).toBe(false);
    }
  });

  test.each([
    '',
    '\n',
    'text',
    'text\n',
    'text\n\n',
    'text\n\n— a\n',
    'a\tb\n\n— n AAAAAAA=\n',
    '\n\n— n AAAAAAA=\n\n',
  ])('%j is none', (text) => {
    expect(parseNote(text).ok).toBe(false);
  });

  test('that would not be read back are not written', async () => {
    for (const text of ['', 'no newline', 'tab\t\n', 'nul\0\n', 'half \ud800\n']) {
      await expect(signNote(text, [signer])).rejects.toThrow();
    }
    await expect(signNote('text\n', [])).rejects.toThrow('needs a signature');
  });

  test('of any bytes are answered, and what opens was signed', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseNote(bytes)));
    fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (line) => {
        const text = `${line.replaceAll(/\p{Cc}/gu, '')}\n`;
        const opened = openNote(Buffer.from(await signNote(text, [signer])), [signer.key]);
        expect(opened.ok && opened.value.text).toBe(text);
      }),
    );
  });
});

describe('strict base64', () => {
  test.each(['AA', 'AA=', 'AB==', 'A A=', 'AAAA\n', 'AA==AA==', '_-==', '='])(
    'refuses %j',
    (text) => {
      expect(strictBase64(text)).toBeNull();
    },
  );
});

describe('checkpoints', () => {
  const checkpoint = { origin: signer.key.name, size: 3, root };

  test('survive being signed and opened', async () => {
    expect(openCheckpoint(await signCheckpoint(checkpoint, [signer]), [signer.key])).toEqual({
      ok: true,
      value: checkpoint,
    });
  });

  test('of another log than the key are refused', async () => {
    const note = await signCheckpoint({ ...checkpoint, origin: 'other.example.com' }, [signer]);
    expect(openCheckpoint(note, [signer.key])).toMatchObject({ ok: false });
    expect(peekCheckpoint(note)).toMatchObject({
      ok: true,
      value: { origin: 'other.example.com' },
    });
  });

  test.each([
    '',
    'o\n',
    'o\n1\n',
    'o\n01\nAAAA\n',
    'o\n-1\nAAAA\n',
    'o\n1e3\nAAAA\n',
    'o\n1\nAAAA\n',
    'o\n9007199254740993\n\n',
  ])('%j is none', (text) => {
    expect(parseCheckpointText(text).ok).toBe(false);
  });

  test('may carry lines of others, none of them empty', () => {
    const text = checkpointText(checkpoint);
    expect(parseCheckpointText(`${text}more\n`)).toEqual({ ok: true, value: checkpoint });
    expect(parseCheckpointText(`${text}\nmore\n`).ok).toBe(false);
    fc.assert(fc.property(fc.string(), (any) => void parseCheckpointText(any)));
  });
});
