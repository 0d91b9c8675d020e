import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConnectionString, redactConnectionString } from '../../src/driver/connection-string.js';
import { failureOf } from '../http/server.js';

describe('parseConnectionString', () => {
  it('reads names in any spelling and trims unquoted values', () => {
    expect(parseConnectionString('schema=MSGraph; auth scheme = OAuth ;INITIATE_OAUTH=off;;user id=ann@contoso.example;')).toEqual({
      Schema: 'MSGraph', AuthScheme: 'OAuth', InitiateOAuth: 'off', UserId: 'ann@contoso.example',
    });
  });

  it('reads quoted values with doubled quotes, semicolons and equal signs', () => {
    expect(parseConnectionString(`OAuthClientSecret="a;b""c=d";UserId='o''neil';Logfile= "x" ; AzureTenant=it's"x"`)).toEqual({
      OAuthClientSecret: 'a;b"c=d', UserId: "o'neil", Logfile: 'x', AzureTenant: `it's"x"`,
    });
  });

  it('skips a JDBC prefix', () => {
    expect(parseConnectionString('jdbc:exchange:Schema=MSGraph')).toEqual({ Schema: 'MSGraph' });
    expect(parseConnectionString(' JDBC:Exchange-SQL: Schema=MSGraph;')).toEqual({ Schema: 'MSGraph' });
  });

  it('keeps values with equal signs, such as base64', () => {
    expect(parseConnectionString('OAuthAccessToken=abc==;Timeout=5')).toEqual({ OAuthAccessToken: 'abc==', Timeout: '5' });
  });

  it('leaves unknown names for the options to judge', () => {
    expect(parseConnectionString('Nonsense=1;__proto__=x')).toEqual(JSON.parse('{"Nonsense":"1","__proto__":"x"}'));
  });

  it.each([
    ['AuthScheme=OAuth;auth_scheme=Basic', /AuthScheme is given twice/],
    ['AccessToken=x;OAuthAccessToken=y', /OAuthAccessToken is given twice/],
    ['OAuthClientSecret=abc;hunter2;UserId=x', /after OAuthClientSecret has no '='/],
    ['hunter2', /at its start has no '='/],
    ['=hunter2', /name is missing/],
    [`OAuthClientSecret='hunter2`, /quote of OAuthClientSecret is not closed/],
    [`OAuthClientSecret='abc'hunter2;UserId=x`, /follows the closing quote/],
    [`hunter2="abc`, /quote of an unknown property/],
  ])('refuses %j without showing a value', async (text, message) => {
    const error = await failureOf(Promise.resolve().then(() => parseConnectionString(text)));
    expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
    expect(error.message).toMatch(message);
    expect(`${error.message}${String(error['hint'])}`).not.toContain('hunter2');
  });

  it('reads back every value that was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.constantFrom('"', "'"), (secret, user, mark) => {
        const quoted = (value: string): string => mark + value.replaceAll(mark, mark + mark) + mark;
        expect(parseConnectionString(`OAuthClientSecret=${quoted(secret)};UserId=${quoted(user)}`)).toEqual({ OAuthClientSecret: secret, UserId: user });
      }),
    );
  });

  it('fails only with an error of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '=', ';', "'", '"', ' ', 'UserId') }), (text) => {
        try {
          parseConnectionString(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CONNECTION_STRING' });
        }
      }),
    );
  });
});

describe('redactConnectionString', () => {
  it('hides secrets and unknown names, and keeps the rest', () => {
    const text = `jdbc:exchange:AuthScheme=OAuth;OAuthAccessToken=tok1;OAuthAcessToken=tok2;Password='p;w';Logfile="a;b";UserId=ann`;
    expect(redactConnectionString(text)).toBe('jdbc:exchange:AuthScheme=OAuth;OAuthAccessToken=***;OAuthAcessToken=***;Password=***;Logfile="a;b";UserId=ann');
  });

  it('hides all of what it cannot read', () => {
    expect(redactConnectionString('OAuthClientSecret="tok1')).toBe('***');
  });
});
