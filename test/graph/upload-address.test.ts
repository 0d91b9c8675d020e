import { describe, expect, it } from 'vitest';
import { isUploadAddress } from '../../src/graph/upload-address.js';

const GRAPH = 'https://graph.microsoft.com';

describe('isUploadAddress', () => {
  it.each([
    'https://graph.microsoft.com/v1.0/up',
    "https://outlook.office.com/api/v2.0/Users('a')/up?authtoken=x",
    'https://outlook.office365.com/up',
    'https://contoso.sharepoint.com/sites/a/_api/up?tempauth=x',
    'https://contoso-my.sharepoint.com/up',
  ])('trusts %s', (url) => {
    expect(isUploadAddress(url, GRAPH)).toBe(true);
  });

  it.each([
    'http://outlook.office.com/up',
    'https://outlook.office.com.evil.example/up',
    'https://evil.example/outlook.office.com',
    'https://evil.example?outlook.office.com',
    'https://evil.example#.sharepoint.com',
    'https://evil.example\\.sharepoint.com/up',
    'https://outlook.office.com@evil.example/up',
    'https://user@outlook.office.com/up',
    'https://@outlook.office.com/up',
    'https://evilsharepoint.com/up',
    'https://xoutlook.office.com/up',
    'https://sharepoint.com.evil.example/up',
    'https://outlook.office.com\n.evil.example/up',
    'https://оutlook.office.com/up',
    'https://127.0.0.1/up',
    'file:///etc/passwd',
    '//outlook.office.com/up',
    '/up',
    '',
  ])('does not trust %j', (url) => {
    expect(isUploadAddress(url, GRAPH)).toBe(false);
  });

  it('trusts the hosts of the cloud only from that cloud', () => {
    expect(isUploadAddress('https://contoso.sharepoint.com/up', 'https://graph.contoso.example')).toBe(false);
    expect(isUploadAddress('https://contoso.sharepoint.com/up', 'https://graph.microsoft.com.evil.example')).toBe(false);
    expect(isUploadAddress('http://127.0.0.1:8081/up', 'http://127.0.0.1:8080')).toBe(false);
    expect(isUploadAddress('http://127.0.0.1:8080/up', 'http://127.0.0.1:8080')).toBe(true);
  });
});
