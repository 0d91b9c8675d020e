import { describe, expect, test } from 'vitest';
import { readChallenges } from '../../../src/auth/handshake/challenge.js';

const shown = (header: string): unknown => readChallenges(header).map(({ scheme, token68, parameters }) => [scheme, token68, Object.fromEntries(parameters)]);

describe('challenges', () => {
  test.each([
    ['Negotiate', [['negotiate', undefined, {}]]],
    ['NTLM TlRMTVNTUAACAAAA==', [['ntlm', 'TlRMTVNTUAACAAAA==', {}]]],
    ['Negotiate, NTLM, Basic realm="Exchange, Ltd"', [['negotiate', undefined, {}], ['ntlm', undefined, {}], ['basic', undefined, { realm: 'Exchange, Ltd' }]]],
    ['Digest realm="a \\"b\\" c", nonce="n==", qop="auth,auth-int", algorithm=SHA-256, Digest realm="a", nonce="m", algorithm=MD5', [
      ['digest', undefined, { realm: 'a "b" c', nonce: 'n==', qop: 'auth,auth-int', algorithm: 'SHA-256' }],
      ['digest', undefined, { realm: 'a', nonce: 'm', algorithm: 'MD5' }],
    ]],
    ['Bearer  authorization_uri = "https://login.example/" , error=invalid_token', [['bearer', undefined, { authorization_uri: 'https://login.example/', error: 'invalid_token' }]]],
    [' , ,Basic realm=x', [['basic', undefined, { realm: 'x' }]]],
    ['', []],
  ])('%s', (header, expected) => {
    expect(shown(header)).toEqual(expected);
  });

  test('what does not fit the grammar ends the reading', () => {
    expect(shown('Basic realm="open')).toEqual([['basic', undefined, {}]]);
    expect(shown('NTLM, Basic (x), Digest realm="y"')).toEqual([['ntlm', undefined, {}], ['basic', undefined, {}]]);
  });
});
