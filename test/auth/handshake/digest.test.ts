import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readChallenges } from '../../../src/auth/handshake/challenge.js';
import { DigestClient } from '../../../src/auth/handshake/digest.js';

const offer = (algorithm: string, nonce = 'abc'): string => `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="opq"`;

/** What a server computes (RFC 7616 3.4.1), from the header as it came. */
function verify(header: string, method: string, hash: string, password: string): boolean {
  const { parameters } = readChallenges(header)[0]!;
  const get = (name: string): string => parameters.get(name) ?? '';
  const h = (text: string): string => createHash(hash).update(text).digest('hex');
  const a1 = h(`${get('username')}:${get('realm')}:${password}`);
  const secret = get('algorithm').endsWith('-sess') ? h(`${a1}:${get('nonce')}:${get('cnonce')}`) : a1;
  return get('response') === h(`${secret}:${get('nonce')}:${get('nc')}:${get('cnonce')}:${get('qop')}:${h(`${method}:${get('uri')}`)}`);
}

describe('digest', () => {
  test.each([['MD5', 'md5'], ['SHA-256', 'sha256'], ['SHA-512-256', 'sha512-256'], ['MD5-sess', 'md5'], ['SHA-256-sess', 'sha256']])('%s is answered as the server computes it', (algorithm, hash) => {
    const client = new DigestClient({ user: 'Mufasa', password: 'Circle of Life' });
    expect(client.challenged(readChallenges(offer(algorithm)), undefined)).toBe('fresh');
    const header = client.authorization('POST', '/EWS/Exchange.asmx?x=1');
    expect(verify(header, 'POST', hash, 'Circle of Life')).toBe(true);
    expect(verify(header, 'POST', hash, 'Circle of Lies')).toBe(false);
    expect(header).toContain('opaque="opq"');
  });

  test('the strongest algorithm is taken; counts go up; nonces of the client differ', () => {
    const client = new DigestClient({ user: 'u', password: 'p' });
    client.challenged(readChallenges(`${offer('MD5')}, ${offer('SHA-256', 'zz')}`), undefined);
    const [first, second] = [client.authorization('GET', '/'), client.authorization('GET', '/')].map((header) => readChallenges(header)[0]!.parameters);
    expect(first!.get('algorithm')).toBe('SHA-256');
    expect([first!.get('nc'), second!.get('nc')]).toEqual(['00000001', '00000002']);
    expect(first!.get('cnonce')).not.toBe(second!.get('cnonce'));
  });

  test('a stale nonce is fresh, the same challenge again is a refusal, an answer to an older nonce is not', () => {
    const client = new DigestClient({ user: 'u', password: 'p' });
    client.challenged(readChallenges(offer('MD5', 'one')), undefined);
    const answer = client.authorization('GET', '/');
    expect(client.challenged(readChallenges(`${offer('MD5', 'two')}, stale=TRUE`), answer)).toBe('fresh');
    expect(client.challenged(readChallenges(offer('MD5', 'three')), answer)).toBe('fresh');
    expect(client.challenged(readChallenges(offer('MD5', 'four')), client.authorization('GET', '/'))).toBe('refused');
  });

  test('a user name that is not ASCII goes as RFC 8187 has it; quotes are escaped', () => {
    const client = new DigestClient({ user: 'Jäsøn', password: 'p' });
    client.challenged(readChallenges(offer('SHA-256')), undefined);
    expect(client.authorization('GET', '/')).toContain("username*=UTF-8''J%C3%A4s%C3%B8n");
    const quoted = new DigestClient({ user: 'a"b\\c', password: 'p' });
    quoted.challenged(readChallenges(offer('SHA-256')), undefined);
    expect(quoted.authorization('GET', '/')).toContain('username="a\\"b\\\\c"');
  });

  test('no answerable challenge is an error that names the algorithms', () => {
    expect(() => new DigestClient({ user: 'u', password: 'p' }).challenged(readChallenges('Digest realm="x", nonce="y", algorithm=SHA3, qop="auth"'), undefined)).toThrow(/SHA-512-256/);
  });
});
