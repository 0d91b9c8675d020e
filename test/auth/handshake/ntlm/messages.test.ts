import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { authenticateMessage, negotiateMessage, readChallengeMessage } from '../../../../src/auth/handshake/ntlm/messages.js';
import { md4 } from '../../../../src/auth/handshake/ntlm/md4.js';

/** RFC 1320 A.5. */
test.each([
  ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
  ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
  ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['message digest', 'd9130a8164549fe818874806e1c7014b'],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
  ['12345678901234567890123456789012345678901234567890123456789012345678901234567890', 'e33b4ddc9c38f2199c3e7b164fcc0536'],
])('md4(%s)', (text, digest) => {
  expect(md4(Buffer.from(text)).toString('hex')).toBe(digest);
});

/** Challenge with the names of MS-NLMP 4.2 (Domain, Server), without or with a time. */
function challenge(timestamp?: Buffer): Buffer {
  const pair = (id: number, value: Buffer): Buffer => Buffer.concat([Buffer.from([id, 0, value.length, 0]), value]);
  const info = Buffer.concat([pair(2, Buffer.from('Domain', 'utf16le')), pair(1, Buffer.from('Server', 'utf16le')), ...(timestamp === undefined ? [] : [pair(7, timestamp)]), Buffer.alloc(4)]);
  const target = Buffer.from('Server', 'utf16le');
  const head = Buffer.alloc(56);
  head.write('NTLMSSP\0', 0, 'latin1');
  head.writeUInt32LE(2, 8);
  head.writeUInt16LE(target.length, 12);
  head.writeUInt16LE(target.length, 14);
  head.writeUInt32LE(56, 16);
  head.writeUInt32LE(0xe28a8233, 20);
  Buffer.from('0123456789abcdef', 'hex').copy(head, 24);
  head.writeUInt16LE(info.length, 40);
  head.writeUInt16LE(info.length, 42);
  head.writeUInt32LE(56 + target.length, 44);
  return Buffer.concat([head, target, info]);
}

const field = (message: Buffer, at: number): Buffer => message.subarray(message.readUInt32LE(at + 4), message.readUInt32LE(at + 4) + message.readUInt16LE(at));
const USER = { user: 'User', password: 'Password', domain: 'Domain', workstation: 'COMPUTER' };
const NONCE = Buffer.alloc(8, 0xaa);

describe('messages', () => {
  test('type 1 has 40 bytes and a version', () => {
    const message = negotiateMessage();
    expect(message).toHaveLength(40);
    expect(message.readUInt32LE(8)).toBe(1);
  });

  test('NTLMv2 and LMv2 responses are those of MS-NLMP 4.2.4', () => {
    const message = authenticateMessage(USER, negotiateMessage(), readChallengeMessage(challenge()), { nonce: NONCE, now: new Date(-11_644_473_600_000) });
    expect(field(message, 12).toString('hex')).toBe('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
    expect(field(message, 20).subarray(0, 16).toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c');
    expect(field(message, 28).toString('utf16le')).toBe('Domain');
    expect(field(message, 36).toString('utf16le')).toBe('User');
    expect(field(message, 44).toString('utf16le')).toBe('COMPUTER');
  });

  test('with a server time: no LM response, a code over all three messages, the binding of the certificate', () => {
    const time = Buffer.from('0090d336b734c301', 'hex');
    const certificate = Buffer.from('30820000', 'hex');
    const message = authenticateMessage(USER, negotiateMessage(), readChallengeMessage(challenge(time)), { nonce: NONCE, certificate });
    expect(field(message, 12)).toEqual(Buffer.alloc(24));
    expect(message.subarray(72, 88)).not.toEqual(Buffer.alloc(16));
    const application = Buffer.concat([Buffer.from('tls-server-end-point:'), createHash('sha256').update(certificate).digest()]);
    const bound = createHash('md5').update(Buffer.concat([Buffer.alloc(16), Buffer.from([application.length, 0, 0, 0]), application])).digest();
    expect(field(message, 20).includes(bound)).toBe(true);
    expect(field(message, 20).includes(Buffer.from([6, 0, 4, 0, 2, 0, 0, 0]))).toBe(true);
    expect(field(message, 20).subarray(24, 32)).toEqual(time);
  });

  test.each([['DOM\\ann', 'DOM', 'ann'], ['ann@corp.test', '', 'ann@corp.test'], ['ann', 'Domain', 'ann']])('%s', (user, domain, name) => {
    const message = authenticateMessage({ ...USER, user }, negotiateMessage(), readChallengeMessage(challenge()));
    expect([field(message, 28).toString('utf16le'), field(message, 36).toString('utf16le')]).toEqual([domain, name]);
  });

  test('what is no challenge is refused, at every length and with every byte changed', () => {
    const raw = challenge();
    for (let length = 0; length < 48; length += 1) expect(() => readChallengeMessage(raw.subarray(0, length))).toThrow(/no NTLM challenge/);
    for (let at = 0; at < raw.length; at += 1) {
      const changed = Buffer.from(raw);
      changed[at] = changed[at]! ^ 0xff;
      try {
        authenticateMessage(USER, negotiateMessage(), readChallengeMessage(changed));
      } catch (error) {
        expect((error as Error).message).toMatch(/no NTLM challenge/);
      }
    }
  });
});
