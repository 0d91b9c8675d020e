import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/index.js';
import { resolveOptions, type PropertyBag } from '../../../src/driver/connection-options.js';
import { isServer, serverOptions } from '../../../src/driver/options/on-premises.js';
import { testServer } from '../../../src/driver/server-test.js';
import { INBOX } from '../../ews/answers.js';
import { failureOf, serve } from '../../http/server.js';

const BASE = { Schema: 'EWS', Server: 'mail.contoso.example', User: 'ann', Password: 'hunter2' };

describe('Server', () => {
  it.each([
    ['mail.contoso.example', 'https://mail.contoso.example/EWS/Exchange.asmx'],
    ['mail.contoso.example:8443', 'https://mail.contoso.example:8443/EWS/Exchange.asmx'],
    ['10.1.2.3', 'https://10.1.2.3/EWS/Exchange.asmx'],
    ['2001:db8::1', 'https://[2001:db8::1]/EWS/Exchange.asmx'],
    ['[2001:db8::1]:444', 'https://[2001:db8::1]:444/EWS/Exchange.asmx'],
    ['https://mail.contoso.example/', 'https://mail.contoso.example/EWS/Exchange.asmx'],
    ['https://mail.contoso.example/ews/', 'https://mail.contoso.example/ews/Exchange.asmx'],
    ['https://mail.contoso.example/EWS/Exchange.asmx', 'https://mail.contoso.example/EWS/Exchange.asmx'],
    ['https://gateway.contoso.example/site', 'https://gateway.contoso.example/site/EWS/Exchange.asmx'],
    ['http://mail.contoso.example', 'http://mail.contoso.example/EWS/Exchange.asmx'],
  ])('%s', (server, url) => {
    expect(serverOptions({ ...BASE, Server: server }).url).toBe(url);
  });
});

describe('serverOptions', () => {
  it('Basic is the default of a user; plain http only where the address says so, with a warning', () => {
    expect(serverOptions(BASE)).toMatchObject({ by: 'AuthScheme=Basic', signIn: { kind: 'handshake' }, version: 'Exchange2007_SP1', warnings: [], timeoutSeconds: 60 });
    expect(serverOptions({ ...BASE, Server: 'http://mail.contoso.example' }).warnings).toMatchObject([{ code: 'INSECURE', message: expect.stringContaining('password travels unencrypted') as string }]);
    expect(serverOptions({ ...BASE, Server: 'http://127.0.0.1:8080' }).warnings).toEqual([]);
  });

  it('knows whose mailbox and which version', () => {
    expect(serverOptions({ ...BASE, Platform: 'exchange_online', ImpersonationUser: 'S-1-5-21', ImpersonationType: 'SID' })).toMatchObject({ version: 'Exchange2013_SP1', impersonation: { type: 'SID', user: 'S-1-5-21' } });
    expect(serverOptions({ ...BASE, UserId: 'bob@contoso.example' }).impersonation).toEqual({ type: 'PrimarySmtpAddress', user: 'bob@contoso.example' });
  });

  it('OAuth takes the scopes of EWS', () => {
    const application = { Schema: 'EWS', Server: 'outlook.office365.com', AzureTenant: 'contoso.example', OAuthClientId: 'c', UserId: 'bob@contoso.example' };
    expect(serverOptions({ ...application, AuthScheme: 'AzureServicePrincipal', OAuthClientSecret: 'hunter2' }).signIn).toMatchObject({ kind: 'oauth', credential: { scopes: ['https://outlook.office365.com/.default'] } });
    expect(serverOptions({ ...application, AuthScheme: 'AzureAD', InitiateOAuth: 'GETANDREFRESH' }).signIn).toMatchObject({ credential: { scopes: ['https://outlook.office365.com/EWS.AccessAsUser.All'] } });
  });

  it('tells of what nothing uses', () => {
    expect(serverOptions({ ...BASE, KerberosRealm: 'X', GraphEndpoint: 'https://graph.microsoft.com/v1.0' }).warnings.map(({ message }) => message)).toEqual(['KerberosRealm does nothing with AuthScheme=Basic.', 'GraphEndpoint does nothing with AuthScheme=Basic.']);
    expect(resolveOptions({ OAuthAccessToken: 'token', Server: 'x', Platform: 'Exchange2013', Domain: 'y' }).warnings.map(({ message }) => message)).toEqual([
      'Server does nothing with Schema=MSGraph.', 'Platform does nothing with Schema=MSGraph.', 'Domain does nothing with Schema=MSGraph.',
    ]);
  });

  it.each<[PropertyBag, RegExp]>([
    [{ Schema: 'EWS' }, /needs Server/],
    [{ ...BASE, Server: 'ftp://x' }, /Server is not a host/],
    [{ ...BASE, Server: 'https://ann:hunter2@x/' }, /must not hold a user name/],
    [{ ...BASE, Server: 'https://x/?hunter2' }, /query or a fragment/],
    [{ Schema: 'EWS', Server: 'x' }, /does not say how to sign in/],
    [{ Schema: 'EWS', Server: 'x', AuthScheme: 'NTLM' }, /needs User and Password/],
    [{ ...BASE, AuthScheme: 'NONE' }, /User contradicts it/],
    [{ ...BASE, User: 'A\\ann', Domain: 'B' }, /another domain/],
    [{ ...BASE, User: 'a:b' }, /colon/],
    [{ ...BASE, UserId: 'a@x.example', ImpersonationUser: 'b@x.example' }, /two mailboxes/],
    [{ ...BASE, AuthScheme: 'Negotiate', KerberosKDC: 'kdc' }, /KerberosKDC needs KerberosRealm/],
    [{ ...BASE, AuthScheme: 'Negotiate', KerberosServiceKDC: 'kdc' }, /KerberosServiceKDC needs KerberosServiceRealm/],
    [{ ...BASE, AuthScheme: 'Negotiate', KerberosKeytabFile: 'a', KerberosTicketCache: 'b' }, /two ways to sign in/],
    [{ Schema: 'EWS', Server: 'http://mail.contoso.example', OAuthAccessToken: 'hunter2' }, /token would travel unencrypted/],
    [{ ...BASE, Platform: 'Exchange5.5' }, /Platform has no value/],
  ])('refuses %j', async (properties, message) => {
    const error = await failureOf(Promise.resolve().then(() => serverOptions(properties)));
    expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
    expect(error.message).toMatch(message);
    expect(`${error.message}${String(error['hint'])}`).not.toContain('hunter2');
  });

  it('the schemes of servers are explained with Schema=MSGraph, and Schema=EWS has no tables yet', async () => {
    expect(await failureOf(Promise.resolve().then(() => resolveOptions({ AuthScheme: 'NTLM', User: 'a', Password: 'hunter2' })))).toMatchObject({ code: 'CONNECTION_STRING', message: expect.stringContaining('Microsoft Graph takes OAuth only') as string });
    expect(await failureOf(Promise.resolve().then(() => resolveOptions({ OAuthAccessToken: 'x', ImpersonationUser: 'a' })))).toMatchObject({ code: 'CONNECTION_STRING', hint: expect.stringContaining('UserId') as string });
    expect(await failureOf(connect(BASE))).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringContaining('EWS') as string });
    expect([isServer(BASE), isServer({ schema: 'ews' }), isServer({})]).toEqual([true, true, false]);
  });
});

describe('testServer', () => {
  it('sends a bearer token, impersonation, headers of one’s own and the version', async () => {
    const server = await serve((_, response) => response.setHeader('content-type', 'text/xml').end(INBOX));
    const report = await testServer({ Schema: 'EWS', Server: server.origin, AuthScheme: 'OAuth', OAuthAccessToken: 'token-1', ImpersonationUser: 'bob@contoso.example', ImpersonationType: 'SmtpAddress', CustomHeaders: 'X-Own: 1', Platform: 'Exchange2010_SP2' });
    expect(report).toMatchObject({ name: 'Inbox', by: 'AuthScheme=OAuth' });
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/EWS/Exchange.asmx', headers: { authorization: 'Bearer token-1', 'x-anchormailbox': 'bob@contoso.example', 'x-own': '1', 'content-type': 'text/xml; charset=utf-8' } });
    expect(server.seen[0]!.body).toContain('Version="Exchange2010_SP2"');
    expect(server.seen[0]!.body).toContain('<t:SmtpAddress>bob@contoso.example</t:SmtpAddress>');
  });

  it('NONE sends nothing of a user, and Timeout ends it', async () => {
    const server = await serve((request, response) => (request.headers['x-slow'] === undefined ? response.setHeader('content-type', 'text/xml').end(INBOX) : undefined));
    await testServer({ Schema: 'EWS', Server: server.origin, AuthScheme: 'NONE' });
    expect(server.seen[0]!.headers.authorization).toBeUndefined();
    await expect(testServer({ Schema: 'EWS', Server: server.origin, AuthScheme: 'Basic', User: 'a', Password: 'b', CustomHeaders: 'X-Slow: 1', Timeout: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
