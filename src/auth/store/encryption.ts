/**
 * Owns: the encrypted form of the token file: AES-256-GCM under a key from a passphrase by scrypt.
 * Invariants: a new salt and nonce for each writing; the version is authenticated; a wrong passphrase and a changed file are told apart from
 * nothing else.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { ExchangeSqlError } from '../../errors.js';

export interface EncryptedFile {
  readonly v: 1;
  readonly enc: { readonly alg: 'A256GCM'; readonly kdf: 'scrypt'; readonly salt: string; readonly iv: string; readonly tag: string; readonly ct: string };
}

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>;
const AAD = Buffer.from('exchange-sql tokens v1');

export async function encryptEntries(entries: object, passphrase: string): Promise<EncryptedFile> {
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', await derive(passphrase, salt, 32), iv).setAAD(AAD);
  const ct = Buffer.concat([cipher.update(JSON.stringify(entries), 'utf8'), cipher.final()]);
  const text = (bytes: Buffer): string => bytes.toString('base64');
  return { v: 1, enc: { alg: 'A256GCM', kdf: 'scrypt', salt: text(salt), iv: text(iv), tag: text(cipher.getAuthTag()), ct: text(ct) } };
}

/** @throws ExchangeSqlError CONNECTION_STRING for a wrong passphrase or a changed file. */
export async function decryptEntries({ enc }: EncryptedFile, passphrase: string, place: string): Promise<object> {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', await derive(passphrase, bytes(enc.salt), 32), bytes(enc.iv)).setAAD(AAD).setAuthTag(bytes(enc.tag));
    return JSON.parse(Buffer.concat([decipher.update(bytes(enc.ct)), decipher.final()]).toString('utf8')) as object;
  } catch (error) {
    throw new ExchangeSqlError('CONNECTION_STRING', `The passphrase does not open the token file ${place}, or the file was changed.`, { hint: 'Check OAuthSettingsPassphrase, or remove the file and sign in again.', cause: error });
  }
}
