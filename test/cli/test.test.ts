import { describe, expect, it } from 'vitest';
import { refusal, INBOX } from '../ews/answers.js';
import { serve } from '../http/server.js';
import { cli } from './support/cli.js';

const given = (server: string, more = ''): string[] => ['test', '--connection', `Schema=EWS;Server=${server};AuthScheme=Basic;User=ann;Password=hunter2${more}`];

describe('exchange-sql test', () => {
  it('signs in at an Exchange server and opens the inbox', async () => {
    const server = await serve((_, response) => response.setHeader('content-type', 'text/xml').end(INBOX));
    const { code, stdout, stderr } = await cli(given(server.origin, ';KerberosRealm=X'));
    expect(stdout.replace(/:\d+\//, ':PORT/').split('\n')).toEqual(['ok       properties: Schema=EWS, AuthScheme=Basic', 'warning  properties: KerberosRealm does nothing with AuthScheme=Basic.', 'ok       service: http://127.0.0.1:PORT/EWS/Exchange.asmx answers (Exchange 15.2.1118.40)', 'ok       sign-in: signed in with AuthScheme=Basic', 'ok       mailbox: opened the folder Inbox, 42 items, 7 unread', 'The connection works.', '']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(server.seen[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ann:hunter2').toString('base64')}`);
  });

  it('says what is wrong and how to mend it', async () => {
    const outcomes = await Promise.all([
      serve((_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()),
      serve((_, response) => response.setHeader('content-type', 'text/html').end('<html>')),
      serve((_, response) => response.setHeader('content-type', 'text/xml').end(refusal('ErrorNonExistentMailbox', 'none'))),
    ].map(async (server) => cli(given((await server).origin))));
    expect(outcomes.map(({ code }) => code)).toEqual([3, 1, 1]);
    for (const [index, words] of [/refused user name and password[^]*hint: Check User/, /web page, not EWS[^]*hint: /, /ErrorNonExistentMailbox[^]*hint: /].entries()) expect(outcomes[index]!.stderr).toMatch(words);
    for (const { stderr } of outcomes) expect(stderr).not.toContain('hunter2');
  });

  it('reads a message with Microsoft Graph', async () => {
    const { code, stdout } = await cli(['test', '--sandbox', '--messages', '3']);
    expect(stdout).toMatch(/mailbox: one row of Messages was read[^]*The connection works\./);
    expect(code).toBe(0);
  });
});
