/**
 * Owns: PuTTY's private keys (PPK versions 2 and 3, plain and encrypted). No library on the registry reads version 3.
 * Does not own: certificates; a PPK holds none.
 * Invariants: the file's own code (MAC) is checked before the key is used.
 */
import { createDecipheriv, createHash, createHmac, createPrivateKey, timingSafeEqual } from 'node:crypto';
import { argon2d, argon2i, argon2id } from '@noble/hashes/argon2.js';
import { rsaFromNumbers } from './rsa-numbers.js';
import { unusable, wrongPassword, type StoredKey, type StoreOptions } from './signing-key.js';

const WHAT = 'the PPK file of OAuthJWTCert';
const ARGON = { argon2id, argon2i, argon2d } as const;
/** PuTTY writes 8 MiB; what asks for more than 1 GiB is no key file. */
const MOST_KIB = 1024 * 1024;

interface Ppk {
  readonly version: 2 | 3;
  readonly algorithm: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly publicBlob: Buffer;
  readonly privateBlob: Buffer;
}

/** @throws ExchangeSqlError CONNECTION_STRING for text that is no PPK, a wrong password, a key that is not RSA. */
export function readPpk(text: string, { password }: StoreOptions): readonly StoredKey[] {
  const ppk = parse(text);
  if (ppk.algorithm !== 'ssh-rsa') throw unusable(`The key in ${WHAT} is of type ${ppk.algorithm}; Microsoft Entra takes RSA keys only.`, 'Register a certificate with an RSA key of 2048 bits or more.');
  const encrypted = ppk.headers.get('encryption') !== 'none';
  if (encrypted && (password === undefined || password === '')) throw wrongPassword(WHAT, password);
  const keys = ppk.version === 2 ? keysOfVersion2(password ?? '', encrypted) : keysOfVersion3(ppk, password ?? '', encrypted);
  let plain = ppk.privateBlob;
  if (encrypted) {
    const decipher = createDecipheriv('aes-256-cbc', keys.key, keys.iv).setAutoPadding(false);
    plain = Buffer.concat([decipher.update(ppk.privateBlob), decipher.final()]);
  }
  const mac = createHmac(ppk.version === 2 ? 'sha1' : 'sha256', keys.mac)
    .update(Buffer.concat([ppk.algorithm, ppk.headers.get('encryption') ?? '', ppk.headers.get('comment') ?? '', ppk.publicBlob, plain].map(sshString)))
    .digest();
  const stated = Buffer.from(ppk.headers.get('private-mac') ?? '', 'hex');
  if (stated.length !== mac.length || !timingSafeEqual(stated, mac)) {
    if (encrypted) throw wrongPassword(WHAT, password);
    throw unusable(`${WHAT} is damaged: its checksum does not fit.`, 'Save it again with PuTTYgen.');
  }
  const open = new SshReader(ppk.publicBlob);
  open.string();
  const [e, n] = [open.string(), open.string()];
  const secret = new SshReader(plain);
  const [d, p, q] = [secret.string(), secret.string(), secret.string()];
  return [{ privateKey: createPrivateKey({ key: rsaFromNumbers({ n, e, d, p, q }), format: 'jwk' }), chain: [], alias: ppk.headers.get('comment') ?? '' }];
}

function parse(text: string): Ppk {
  const lines = text.split(/\r\n|\r|\n/);
  const first = /^PuTTY-User-Key-File-([23]): (\S+)$/.exec(lines[0] ?? '');
  if (first === null) throw unusable(`${WHAT} is no PPK of version 2 or 3.`, 'Save it again with PuTTYgen, or export it in PEM (Conversions, Export OpenSSH key) and use PEMKEY_FILE.');
  const headers = new Map<string, string>();
  const blobs = new Map<string, Buffer>();
  for (let at = 1; at < lines.length; at += 1) {
    const header = /^([A-Za-z0-9-]+): ?(.*)$/.exec(lines[at] ?? '');
    if (header === null) continue;
    const [, name = '', value = ''] = header;
    const blob = /^(Public|Private)-Lines$/.exec(name);
    if (blob === null) {
      headers.set(name.toLowerCase(), value);
      continue;
    }
    const count = Number(value);
    if (!Number.isInteger(count) || count < 0 || at + count >= lines.length) throw unusable(`${WHAT} is cut off.`, 'Copy the whole file.');
    blobs.set(blob[1]!, Buffer.from(lines.slice(at + 1, at + 1 + count).join(''), 'base64'));
    at += count;
  }
  const [publicBlob, privateBlob] = [blobs.get('Public'), blobs.get('Private')];
  if (publicBlob === undefined || privateBlob === undefined) throw unusable(`${WHAT} is cut off.`, 'Copy the whole file.');
  if (!['none', 'aes256-cbc'].includes(headers.get('encryption') ?? '')) throw unusable(`${WHAT} is encrypted in an unknown way.`, 'Save it again with PuTTYgen.');
  return { version: first[1] === '2' ? 2 : 3, algorithm: first[2]!, headers, publicBlob, privateBlob };
}

interface Keys {
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly mac: Buffer;
}

function keysOfVersion2(password: string, encrypted: boolean): Keys {
  const sha1 = (...parts: readonly (string | Buffer)[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest();
  const key = Buffer.concat([sha1(Buffer.from([0, 0, 0, 0]), password), sha1(Buffer.from([0, 0, 0, 1]), password)]).subarray(0, 32);
  return { key, iv: Buffer.alloc(16), mac: sha1('putty-private-key-file-mac-key', encrypted ? password : '') };
}

function keysOfVersion3({ headers }: Ppk, password: string, encrypted: boolean): Keys {
  if (!encrypted) return { key: Buffer.alloc(0), iv: Buffer.alloc(0), mac: Buffer.alloc(0) };
  const derive = ARGON[(headers.get('key-derivation') ?? '').toLowerCase() as keyof typeof ARGON] as typeof argon2id | undefined;
  const number = (name: string): number => Number(headers.get(`argon2-${name}`));
  const [m, t, p] = [number('memory'), number('passes'), number('parallelism')];
  if (derive === undefined || ![m, t, p].every((value) => Number.isInteger(value) && value > 0) || m > MOST_KIB || t > 1000) throw unusable(`${WHAT} names a key derivation that is not known.`, 'Save it again with PuTTYgen.');
  const derived = Buffer.from(derive(Buffer.from(password, 'utf8'), Buffer.from(headers.get('argon2-salt') ?? '', 'hex'), { m, t, p, dkLen: 80 }));
  return { key: derived.subarray(0, 32), iv: derived.subarray(32, 48), mac: derived.subarray(48) };
}

function sshString(value: string | Buffer): Buffer {
  const data = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
}

class SshReader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  string(): Buffer {
    const start = this.#at + 4;
    const length = start > this.#data.length ? Number.POSITIVE_INFINITY : this.#data.readUInt32BE(this.#at);
    if (start + length > this.#data.length) throw unusable(`${WHAT} is damaged.`, 'Save it again with PuTTYgen.');
    this.#at = start + length;
    return this.#data.subarray(start, this.#at);
  }
}
