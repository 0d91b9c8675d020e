import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopback, isOnOrigin, originOf, parseTarget } from '../../src/http/origin.js';

const ORIGIN = 'https://graph.microsoft.com';

describe('isOnOrigin', () => {
  it('accepts links of the same scheme, host and port', () => {
    expect(isOnOrigin('https://graph.microsoft.com/v1.0/me/messages?$skip=10', ORIGIN)).toBe(true);
    expect(isOnOrigin('https://GRAPH.microsoft.com:443/v1.0/me', ORIGIN)).toBe(true);
    expect(isOnOrigin('https://graph.microsoft.com/v1.0/users/a@contoso.example/messages', ORIGIN)).toBe(true);
  });

  it.each([
    'http://graph.microsoft.com/v1.0/me',
    'https://graph.microsoft.com:8443/v1.0/me',
    'https://graph.microsoft.com.evil.example/v1.0/me',
    'https://graph.microsoft.com@evil.example/v1.0/me',
    'https://user@graph.microsoft.com/v1.0/me',
    'https://user:secret@graph.microsoft.com/v1.0/me',
    'https://@graph.microsoft.com/v1.0/me',
    'https://evil.example\\@graph.microsoft.com/v1.0/me',
    'https://graph.microsoft.com\\.evil.example/v1.0/me',
    'https://graph.microsoft.com%2f.evil.example/',
    'https://graph.microsoft.com\t.evil.example/',
    'https://graph.microsoft.com\n/v1.0/me',
    ' https://graph.microsoft.com/v1.0/me',
    'https:graph.microsoft.com/v1.0/me',
    '//graph.microsoft.com/v1.0/me',
    '/v1.0/me',
    'ftp://graph.microsoft.com/',
    'javascript:alert(1)',
    'https://graph.micrоsoft.com/v1.0/me', // Cyrillic o
    '',
  ])('refuses %j', (link) => {
    expect(isOnOrigin(link, ORIGIN)).toBe(false);
  });

  it('accepts no link that the URL parser sends elsewhere', () => {
    fc.assert(
      fc.property(fc.constantFrom('https://', 'https:', 'HTTPS://', 'https:\\\\'), fc.string(), fc.constantFrom('', '@', '\\', ':', '.', '/'), (scheme, middle, mark) => {
        const link = `${scheme}${middle}${mark}graph.microsoft.com/x`;
        if (isOnOrigin(link, ORIGIN)) expect(new URL(link).origin).toBe(ORIGIN);
      }),
    );
  });
});

describe('parseTarget', () => {
  it('keeps the request target byte for byte', () => {
    const target = "/v1.0/me/messages?$filter=subject%20eq%20'a''b'&$skiptoken=A%2fb%2Fc+~%7E";
    expect(parseTarget(`http://127.0.0.1:8080${target}`)).toEqual({ origin: 'http://127.0.0.1:8080', path: target });
    expect(parseTarget('https://h.example?x=1#f').path).toBe('/?x=1');
    expect(parseTarget('https://h.example').path).toBe('/');
  });

  it('escapes what HTTP cannot carry', () => {
    expect(parseTarget('https://h.example/a b?x=ü').path).toBe('/a%20b?x=%C3%BC');
  });
});

it('names an origin without what stands around it', () => {
  expect(originOf('https://user:secret@evil.example/x?token=1')).toBe('https://evil.example');
  expect(originOf('mailto:x')).not.toContain('mailto');
});

it('knows loopback hosts', () => {
  for (const host of ['localhost', 'LOCALHOST', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]', 'localhost.']) expect(isLoopback(host)).toBe(true);
  for (const host of ['localhost.example', '10.0.0.1', '127.0.0.1.example', '0.0.0.0', 'graph.microsoft.com']) expect(isLoopback(host)).toBe(false);
});
