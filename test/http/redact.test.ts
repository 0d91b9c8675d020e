import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redactor, redactText } from '../../src/http/redact.js';

const JWT = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"aud":"x"}').toString('base64url')}.c2lnbmF0dXJl`;

describe('redactText', () => {
  it.each([
    ['Authorization: Bearer abc.def-123', 'abc.def-123'],
    [`{"access_token":"tok\\"en-42","x":1}`, 'en-42'],
    [`{"client_secret" : "s3cret~value"`, 's3cret~value'],
    ['grant_type=client_credentials&client_secret=s3cret%7E&scope=x', 's3cret'],
    ['https://x.example/?code=abcdef&state=1', 'abcdef'],
    [`it was ${JWT} indeed`, 'c2lnbmF0dXJl'],
    ['{"access_token":"cut off in the mid', 'mid'],
    ["PUT https://outlook.office.com/api/v2.0/Users('a')/AttachmentSessions('k')?authtoken=b64.Url_x 200", 'b64.Url_x'],
    ['{"uploadUrl":"https://contoso.sharepoint.com/up?guid=1&tempauth=v1.abc~","x":1}', 'v1.abc'],
    ['{"clientState":"only-we-know"}', 'only-we-know'],
  ])('masks the secret in %s', (text, secret) => {
    expect(text).toContain(secret);
    expect(redactText(text)).not.toContain(secret);
  });

  it('leaves ordinary text alone', () => {
    const text = 'GET /v1.0/me/messages?$filter=isRead eq false&$skiptoken=abc 200';
    expect(redactText(text)).toBe(text);
  });
});

describe('Redactor', () => {
  it('masks known secrets in every usual encoding', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: fc.constantFrom(...'abz019~+/="&;% äü\\') }), (secret) => {
        const redactor = new Redactor();
        redactor.add(secret);
        const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')];
        for (const form of forms) expect(redactor.redact(`<${form}>`)).not.toContain(form);
      }),
    );
  });
});
