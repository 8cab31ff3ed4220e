import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const flags = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 };

/**
 * A passkey in memory (WebAuthn Level 3): ES256, attestation `none`. `verifies` says whether it asks
 * its holder for a PIN or a finger, which is what makes it two factors.
 */
export class SoftAuthenticator {
  readonly verifies: boolean;
  readonly id = randomBytes(16);
  readonly #key: KeyObject;
  readonly #coordinates: { readonly x: Buffer; readonly y: Buffer };
  readonly #origin: string;
  #counter = 0;

  constructor(origin: string, verifies: boolean) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#key = privateKey;
    this.#coordinates = { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') };
    this.#origin = origin;
    this.verifies = verifies;
  }

  /** Section 7.1: answers `navigator.credentials.create`. */
  create(options: { readonly challenge: string; readonly rp: { readonly id: string } }): object {
    const { x, y } = this.#coordinates;
    // COSE key: kty EC2, alg ES256, crv P-256 (RFC 9053, section 2.1 and 7.1).
    const cose = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      x,
      Buffer.from('225820', 'hex'),
      y,
    ]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const credential = Buffer.concat([Buffer.alloc(16), length, this.id, cose]);
    const data = Buffer.concat([this.#head(options.rp.id, flags.attested), credential]);
    const byteString = Buffer.alloc(3);
    byteString.writeUInt8(0x59);
    byteString.writeUInt16BE(data.length, 1);
    const attestation = Buffer.concat([
      Buffer.from([0xa3, 0x63]),
      Buffer.from('fmt'),
      Buffer.from([0x64]),
      Buffer.from('none'),
      Buffer.from([0x67]),
      Buffer.from('attStmt'),
      Buffer.from([0xa0, 0x68]),
      Buffer.from('authData'),
      byteString,
      data,
    ]);
    const client = this.#client('webauthn.create', options.challenge);
    return this.#wrap({
      clientDataJSON: client.toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Section 7.2: answers `navigator.credentials.get`. */
  get(options: { readonly challenge: string; readonly rpId: string }): object {
    this.#counter += 1;
    const data = this.#head(options.rpId, 0);
    const client = this.#client('webauthn.get', options.challenge);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    return this.#wrap({
      clientDataJSON: client.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, this.#key).toString('base64url'),
    });
  }

  #head(rpId: string, more: number): Buffer {
    const set = flags.userPresent | (this.verifies ? flags.userVerified : 0) | more;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.#counter);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([set]), counter]);
  }

  #client(type: string, challenge: string): Buffer {
    return Buffer.from(
      JSON.stringify({ type, challenge, origin: this.#origin, crossOrigin: false }),
    );
  }

  #wrap(response: object): object {
    const id = this.id.toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }
}
