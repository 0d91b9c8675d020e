import { describe, expect, it } from 'vitest';
import { isException, proxyFromEnvironment, wayTo, type ProxySettings } from '../../src/http/proxy.js';

const PROXY: ProxySettings = { kind: 'http', host: 'proxy.example', port: 80, tls: false, tunnelAlways: false, exceptions: ['direct.example'] };

describe('wayTo', () => {
  it.each([
    ['https://graph.microsoft.com/', 'tunnel'],
    ['http://mail.contoso.example/', 'forward'],
    ['https://direct.example/', 'direct'],
    // The metadata service, which managed identities come from.
    ['http://169.254.169.254/metadata/identity/oauth2/token', 'direct'],
  ])('%s: %s', (url, way) => {
    expect(wayTo(PROXY, new URL(url))).toBe(way);
    expect(wayTo(undefined, new URL(url))).toBe('direct');
  });

  it('SOCKS and TUNNEL take http through a tunnel', () => {
    expect(wayTo({ ...PROXY, kind: 'socks5' }, new URL('http://x.example'))).toBe('tunnel');
    expect(wayTo({ ...PROXY, tunnelAlways: true }, new URL('http://x.example'))).toBe('tunnel');
  });
});

describe('isException', () => {
  it.each([
    ['contoso.example', 'https://contoso.example/', true],
    ['contoso.example', 'https://mail.contoso.example/', true],
    ['contoso.example', 'https://notcontoso.example/', false],
    ['.contoso.example', 'https://contoso.example/', true],
    ['*.contoso.example', 'https://contoso.example/', false],
    ['*.contoso.example', 'https://a.contoso.example/', true],
    ['contoso.example:8443', 'https://contoso.example/', false],
    ['contoso.example:443', 'https://contoso.example/', true],
    ['mail*', 'https://mail1.contoso.example/', true],
    ['<local>', 'https://server/', true],
    ['<local>', 'https://server.contoso.example/', false],
    ['[::1]:8080', 'http://[::1]:8080/', true],
    ['10.0.0.1', 'http://110.0.0.1/', false],
    ['*', 'https://anything.example/', true],
    ['', 'https://anything.example/', false],
    ['CONTOSO.example', 'https://Contoso.EXAMPLE./', true],
  ])('%s of %s: %s', (entry, url, expected) => {
    expect(isException([entry], new URL(url))).toBe(expected);
  });
});

describe('proxyFromEnvironment', () => {
  const https = new URL('https://graph.microsoft.com/');
  const http = new URL('http://mail.contoso.example/');
  it('takes the variable of the scheme, the small form first, ALL_PROXY last', () => {
    expect(proxyFromEnvironment({ HTTPS_PROXY: 'http://a:1', https_proxy: 'b:2', NO_PROXY: 'x, y' }, https)).toEqual({ url: new URL('http://b:2'), exceptions: ['x', 'y'] });
    expect(proxyFromEnvironment({ ALL_PROXY: 'socks5://c:3' }, https)?.url?.href).toBe('socks5://c:3');
    // HTTP_PROXY may be a request's header in a CGI.
    expect(proxyFromEnvironment({ HTTP_PROXY: 'http://evil:1' }, http)).toBeUndefined();
    expect(proxyFromEnvironment({ http_proxy: 'http://a:1' }, http)?.url?.host).toBe('a:1');
    expect(proxyFromEnvironment({ HTTPS_PROXY: 'http://[x' }, https)).toMatchObject({ invalid: 'HTTPS_PROXY' });
  });

  it('never for this machine, nor for an empty value', () => {
    expect(proxyFromEnvironment({ HTTPS_PROXY: 'http://a:1' }, new URL('https://localhost/'))).toBeUndefined();
    expect(proxyFromEnvironment({ HTTPS_PROXY: ' ' }, https)).toBeUndefined();
  });
});
