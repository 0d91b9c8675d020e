import { describe, expect, it } from 'vitest';
import { inboxRequest, readInbox } from '../../src/ews/inbox.js';
import type { HttpResponse } from '../../src/http/transport.js';
import { fault, INBOX, refusal } from './answers.js';

const URL_ = 'https://mail.contoso.example/EWS/Exchange.asmx';
const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = { 'content-type': 'text/xml' }): HttpResponse => ({ status, headers, body: Buffer.from(body), bytes: body.length });
const read = (given: HttpResponse, by = 'AuthScheme=Basic'): unknown => {
  try {
    return readInbox(given, URL_, by);
  } catch (error) {
    return error;
  }
};

describe('inboxRequest', () => {
  it('asks for the inbox, in the name of another where one is given; names are escaped', () => {
    expect(inboxRequest({ version: 'Exchange2013_SP1', impersonation: undefined })).toContain('<t:RequestServerVersion Version="Exchange2013_SP1"/></soap:Header>');
    const text = inboxRequest({ version: 'Exchange2010', impersonation: { type: 'SmtpAddress', user: 'a<&"\'>@contoso.example' } });
    expect(text).toContain('<t:ConnectingSID><t:SmtpAddress>a&#60;&#38;&#34;&#39;&#62;@contoso.example</t:SmtpAddress></t:ConnectingSID>');
  });
});

describe('readInbox', () => {
  it('reads name, counts and the version', () => {
    expect(read(answer(200, INBOX))).toEqual({ name: 'Inbox', total: 42, unread: 7, serverVersion: '15.2.1118.40' });
    expect(read(answer(200, INBOX.replace('>Inbox<', '>Bo&#238;te &amp; r&#x1;<').replace(/<h:ServerVersionInfo[^>]*>/, '')))).toMatchObject({ name: 'Boîte & r ', serverVersion: undefined });
  });

  it.each([
    ['a mailbox that is not there', answer(200, refusal('ErrorNonExistentMailbox', 'No mailbox with such guid.')), 'MAILBOX', /ErrorNonExistentMailbox: No mailbox/, /ImpersonationUser/],
    ['no access', answer(200, refusal('ErrorAccessDenied', 'Access is denied.')), 'PERMISSION', /Access is denied/, /may not open/],
    ['no impersonation', answer(500, fault('ErrorImpersonateUserDenied', 'The account does not have permission to impersonate.')), 'PERMISSION', /ErrorImpersonateUserDenied/, /ApplicationImpersonation/],
    ['too new a version', answer(500, fault('ErrorInvalidServerVersion', 'The specified server version is invalid.')), 'SERVICE', /ErrorInvalidServerVersion/, /Platform/],
    ['a busy server', answer(500, fault('ErrorServerBusy', 'The server cannot service this request right now.')), 'THROTTLED', /ErrorServerBusy/, /later/],
    ['another fault', answer(500, fault('ErrorSchemaValidation', 'The request failed schema validation.')), 'SERVICE', /schema validation/, /response code/],
    ['a web page', answer(200, '<!DOCTYPE html><html><form action="/owa/auth.owa">', { 'content-type': 'text/html' }), 'BAD_RESPONSE', /is a web page, not EWS \(200\)/, /sign-in form/],
    ['a sign-in redirect', answer(302, '', { location: '/owa/auth/logon.aspx' }), 'BAD_RESPONSE', /sends on to https:\/\/mail\.contoso\.example \(302\)/, /sign-in page/],
    ['another host', answer(301, '', { location: 'https://new.contoso.example/EWS' }), 'BAD_RESPONSE', /https:\/\/new\.contoso\.example/, /set Server to it/],
    ['nothing there', answer(404, 'x'), 'NOT_FOUND', /There is no \/EWS\/Exchange\.asmx/, /usual address/],
    ['EWS switched off', answer(403, ''), 'PERMISSION', /forbids EWS/, /Schema=MSGraph/],
    ['another service', answer(200, '{"value":[]}', { 'content-type': 'application/json' }), 'BAD_RESPONSE', /is not EWS/, /Server/],
    ['a broken gateway', answer(503, '<html>', { 'content-type': 'text/plain' }), 'BAD_RESPONSE', /web page/, /gateway/],
    ['a wrong password', answer(401, '', { 'www-authenticate': 'Basic realm="Exchange"' }), 'AUTHENTICATION', /refused user name and password/, /Password/],
    ['another scheme', answer(401, '', { 'www-authenticate': 'Negotiate, NTLM' }), 'AUTHENTICATION', /does not offer what AuthScheme=Basic needs/, /NTLM, Negotiate/],
  ])('%s', (_name, given, code, message, hint) => {
    expect(read(given)).toMatchObject({ code, message: expect.stringMatching(message) as string, hint: expect.stringMatching(hint) as string });
  });

  it('a refused token is told from a refused password', () => {
    const given = answer(401, '', { 'www-authenticate': 'Bearer client_id="x", trusted_issuers="y", error="invalid_token"' });
    expect(read(given, 'AuthScheme=OAuth')).toMatchObject({ message: expect.stringContaining('access token') as string, hint: expect.stringContaining('audience') as string });
    expect(read(given, 'AuthScheme=NONE')).toMatchObject({ message: expect.stringContaining('asks for authentication') as string, hint: expect.stringContaining('OAuth') as string });
  });
});
