/**
 * Owns: the three messages of NTLM (MS-NLMP): NTLMv2 with message integrity code, server time and channel binding.
 * Does not own: the socket they travel on, or HTTP headers.
 * Invariants: no NTLMv1, no LM, no key exchange (HTTP needs no session key); the client nonce is random; a challenge is read within its bounds.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { ExchangeSqlError } from '../../../errors.js';
import { md4 } from './md4.js';

export interface NtlmUser {
  /** Plain name, `DOMAIN\user` or `user@domain`. */
  readonly user: string;
  readonly password: string;
  readonly domain?: string;
  readonly workstation?: string;
}

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');
/** UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, TARGET_INFO, VERSION, 128, 56 (MS-NLMP 2.2.2.5). */
const FLAGS = 0x00000001 | 0x00000004 | 0x00000200 | 0x00008000 | 0x00080000 | 0x00800000 | 0x02000000 | 0x20000000 | 0x80000000;
/** 10.0, build 0, revision 15: some servers refuse messages without a version (gss-ntlmssp: fewer than 40 bytes). */
const VERSION = Buffer.from([10, 0, 0, 0, 0, 0, 0, 15]);
const AV = { end: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const;
const MIC_PRESENT = 2;

/** Type 1. Always 40 bytes. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(40);
  SIGNATURE.copy(message, 0);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(FLAGS >>> 0, 12);
  // No domain and no workstation: empty fields that point behind the message.
  message.writeUInt32LE(40, 20);
  message.writeUInt32LE(40, 28);
  VERSION.copy(message, 32);
  return message;
}

interface AvPair {
  readonly id: number;
  readonly value: Buffer;
}

export interface NtlmChallenge {
  readonly raw: Buffer;
  readonly flags: number;
  readonly serverChallenge: Buffer;
  readonly targetInfo: readonly AvPair[];
}

/** Type 2. @throws ExchangeSqlError AUTHENTICATION if it is none. */
export function readChallengeMessage(raw: Buffer): NtlmChallenge {
  if (raw.length < 48 || !raw.subarray(0, 8).equals(SIGNATURE) || raw.readUInt32LE(8) !== 2) throw malformed();
  const length = raw.readUInt16LE(40);
  const offset = raw.readUInt32LE(44);
  if (offset + length > raw.length) throw malformed();
  const info = raw.subarray(offset, offset + length);
  const targetInfo: AvPair[] = [];
  for (let at = 0; at + 4 <= info.length; ) {
    const id = info.readUInt16LE(at);
    const size = info.readUInt16LE(at + 2);
    if (id === AV.end) break;
    if (at + 4 + size > info.length) throw malformed();
    targetInfo.push({ id, value: info.subarray(at + 4, at + 4 + size) });
    at += 4 + size;
  }
  return { raw, flags: raw.readUInt32LE(20), serverChallenge: raw.subarray(24, 32), targetInfo };
}

const malformed = (): ExchangeSqlError =>
  new ExchangeSqlError('AUTHENTICATION', 'The server answered the NTLM sign-in with something that is no NTLM challenge.', { hint: 'A proxy in between may have changed it; NTLM needs one connection from end to end.' });

export interface Bindings {
  /** DER of the server's certificate where the connection is TLS; absent leaves the channel binding out. */
  readonly certificate?: Buffer | undefined;
  /** Service principal name for MsvAvTargetName, e.g. `HTTP/mail.contoso.example`. */
  readonly target?: string | undefined;
  /** For tests: the client's nonce (8 bytes) and time. */
  readonly nonce?: Buffer;
  readonly now?: Date;
}

/** Type 3. */
export function authenticateMessage(user: NtlmUser, negotiate: Buffer, challenge: NtlmChallenge, bindings: Bindings = {}): Buffer {
  const who = splitUser(user);
  const key = createHmac('md5', md4(utf16(user.password))).update(utf16(who.name.toUpperCase() + who.domain)).digest();
  const serverTime = challenge.targetInfo.find(({ id }) => id === AV.timestamp)?.value;
  const time = serverTime?.length === 8 ? serverTime : fileTime(bindings.now ?? new Date());
  const pairs = responsePairs(challenge.targetInfo, serverTime !== undefined, bindings);
  const nonce = bindings.nonce ?? randomBytes(8);
  const blob = Buffer.concat([Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]), time, nonce, Buffer.alloc(4), pairs, Buffer.alloc(4)]);
  const hmac = (...parts: readonly Buffer[]): Buffer => createHmac('md5', key).update(Buffer.concat(parts)).digest();
  const proof = hmac(challenge.serverChallenge, blob);
  const ntResponse = Buffer.concat([proof, blob]);
  // With a server time the LMv2 response is 24 zero bytes (MS-NLMP 3.1.5.1.2).
  const lmResponse = serverTime === undefined ? Buffer.concat([hmac(challenge.serverChallenge, nonce), nonce]) : Buffer.alloc(24);
  const message = assemble([lmResponse, ntResponse, utf16(who.domain), utf16(who.name), utf16(user.workstation ?? ''), Buffer.alloc(0)], (challenge.flags & FLAGS) | 0x00080000);
  if (serverTime !== undefined) {
    const sessionKey = createHmac('md5', key).update(proof).digest();
    createHmac('md5', sessionKey).update(negotiate).update(challenge.raw).update(message).digest().copy(message, MIC_AT);
  }
  return message;
}

const MIC_AT = 72;
const PAYLOAD_AT = 88;

function assemble(fields: readonly Buffer[], flags: number): Buffer {
  const message = Buffer.concat([Buffer.alloc(PAYLOAD_AT), ...fields]);
  SIGNATURE.copy(message, 0);
  message.writeUInt32LE(3, 8);
  let offset = PAYLOAD_AT;
  fields.forEach((field, index) => {
    const at = 12 + index * 8;
    message.writeUInt16LE(field.length, at);
    message.writeUInt16LE(field.length, at + 2);
    message.writeUInt32LE(offset, at + 4);
    offset += field.length;
  });
  message.writeUInt32LE(flags >>> 0, 60);
  VERSION.copy(message, 64);
  return message;
}

/** The server's pairs with our flags, target name and channel binding; the list's end included. */
function responsePairs(given: readonly AvPair[], withMic: boolean, { certificate, target }: Bindings): Buffer {
  const pairs = given.filter(({ id }) => id !== AV.flags && id !== AV.channelBindings && id !== AV.targetName);
  const flags = given.find(({ id }) => id === AV.flags)?.value;
  if (withMic) {
    const value = Buffer.alloc(4);
    value.writeUInt32LE(((flags?.length === 4 ? flags.readUInt32LE(0) : 0) | MIC_PRESENT) >>> 0);
    pairs.push({ id: AV.flags, value });
  } else if (flags !== undefined) pairs.push({ id: AV.flags, value: flags });
  if (certificate !== undefined) pairs.push({ id: AV.channelBindings, value: createHash('md5').update(gssBindings(endPointBinding(certificate))).digest() });
  if (target !== undefined) pairs.push({ id: AV.targetName, value: utf16(target) });
  return Buffer.concat([
    ...pairs.map(({ id, value }) => {
      const head = Buffer.alloc(4);
      head.writeUInt16LE(id, 0);
      head.writeUInt16LE(value.length, 2);
      return Buffer.concat([head, value]);
    }),
    Buffer.alloc(4),
  ]);
}

/** `tls-server-end-point:` and the hash of the certificate (RFC 5929): its own signature hash, SHA-256 in place of MD5 and SHA-1. */
export function endPointBinding(certificate: Buffer): Buffer {
  return Buffer.concat([Buffer.from('tls-server-end-point:', 'latin1'), createHash(signatureHash(certificate)).update(certificate).digest()]);
}

/** gss_channel_bindings_struct without addresses (RFC 2744 3.11), as its MD5 is taken. */
function gssBindings(application: Buffer): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(application.length, 16);
  return Buffer.concat([head, application]);
}

/** Object identifiers of signature algorithms whose hash is SHA-384 or SHA-512, as DER holds them. */
const LONG_HASHES: readonly (readonly [oid: string, hash: string])[] = [
  ['2a864886f70d01010c', 'sha384'], ['2a864886f70d01010d', 'sha512'], ['2a8648ce3d040303', 'sha384'], ['2a8648ce3d040304', 'sha512'],
];

function signatureHash(certificate: Buffer): string {
  // The algorithm of the signature stands near the end of the certificate, before the signature itself; it also stands in the head.
  const head = certificate.subarray(0, 80).toString('hex');
  return LONG_HASHES.find(([oid]) => head.includes(oid))?.[1] ?? 'sha256';
}

function splitUser({ user, domain }: NtlmUser): { readonly name: string; readonly domain: string } {
  const slash = user.indexOf('\\');
  if (slash >= 0) return { name: user.slice(slash + 1), domain: user.slice(0, slash) };
  // A user principal name goes whole, with an empty domain.
  return { name: user, domain: user.includes('@') ? '' : (domain ?? '') };
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** 100 nanoseconds since 1601. */
function fileTime(date: Date): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}
