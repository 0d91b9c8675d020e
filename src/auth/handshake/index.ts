/**
 * Owns: the authentication schemes of on-premises servers and proxies as handshakes: Basic, Digest, NTLM, Negotiate.
 * Does not own: sockets (http/bound-client.ts, http/tunnel.ts), or Kerberos itself (gss.ts).
 * Invariants: a password leaves only as the scheme has it; a refused user is asked for no second time on the same socket.
 */
import { ExchangeSqlError } from '../../errors.js';
import type { Handshake, HandshakeFactory, HandshakeRequest } from '../../http/handshake.js';
import { readChallenges } from './challenge.js';
import { DigestClient } from './digest.js';
import { authenticateMessage, negotiateMessage, readChallengeMessage, type NtlmUser } from './ntlm/messages.js';

export interface PasswordUser {
  readonly user: string;
  readonly password: string;
  readonly domain?: string | undefined;
}

/** `DOMAIN\user` for schemes that have no field for the domain. */
export function qualified({ user, domain }: PasswordUser): string {
  return domain === undefined || domain === '' || /[\\@]/.test(user) ? user : `${domain}\\${user}`;
}

/** Sent from the start (RFC 7617, in UTF-8). */
export function basicHandshake(user: PasswordUser): HandshakeFactory {
  const name = qualified(user);
  if (name.includes(':')) throw new ExchangeSqlError('CONNECTION_STRING', 'A user name with a colon cannot be used with Basic authentication.', { hint: 'Use another AuthScheme.' });
  const value = `Basic ${Buffer.from(`${name}:${user.password}`, 'utf8').toString('base64')}`;
  return () => {
    let sent = false;
    return {
      bound: false,
      next: () => {
        const again = sent;
        sent = true;
        return Promise.resolve(again ? undefined : value);
      },
    };
  };
}

/** All handshakes of one factory share what they know of the server's nonces. */
export function digestHandshake(user: PasswordUser): HandshakeFactory {
  const client = new DigestClient({ user: qualified(user), password: user.password });
  return () => {
    let answered: string | undefined;
    return {
      bound: false,
      next: (challenge, { method, target }) => {
        if (challenge === undefined && !client.ready) return Promise.resolve(undefined);
        if (challenge !== undefined && client.challenged(readChallenges(challenge), answered) === 'refused') return Promise.resolve(undefined);
        answered = client.authorization(method, target);
        return Promise.resolve(answered);
      },
    };
  };
}

export interface NtlmOptions {
  /** `NTLM`, or `Negotiate` where a server takes raw NTLM under that name. */
  readonly scheme?: 'NTLM' | 'Negotiate';
  /** Leave the channel binding out: for front ends that end TLS with another certificate than the server's. */
  readonly withoutBinding?: boolean;
}

export function ntlmHandshake(user: PasswordUser, { scheme = 'NTLM', withoutBinding = false }: NtlmOptions = {}): HandshakeFactory {
  const who: NtlmUser = { user: user.user, password: user.password, ...(user.domain === undefined ? {} : { domain: user.domain }) };
  return () => new Ntlm(who, scheme, withoutBinding);
}

class Ntlm implements Handshake {
  readonly bound = true;
  readonly #user: NtlmUser;
  readonly #scheme: 'NTLM' | 'Negotiate';
  readonly #withoutBinding: boolean;
  #negotiate: Buffer | undefined;
  #done = false;

  constructor(user: NtlmUser, scheme: 'NTLM' | 'Negotiate', withoutBinding: boolean) {
    this.#user = user;
    this.#scheme = scheme;
    this.#withoutBinding = withoutBinding;
  }

  next(challenge: string | undefined, { host, certificate }: HandshakeRequest): Promise<string | undefined> {
    if (this.#negotiate === undefined) {
      this.#negotiate = negotiateMessage();
      return Promise.resolve(`${this.#scheme} ${this.#negotiate.toString('base64')}`);
    }
    if (this.#done) return Promise.resolve(undefined);
    const offered = readChallenges(challenge ?? '');
    const token = offered.find(({ scheme, token68 }) => scheme === this.#scheme.toLowerCase() && token68 !== undefined)?.token68;
    if (token === undefined) return Promise.reject(notOffered(this.#scheme, offered.map(({ scheme }) => scheme)));
    this.#done = true;
    try {
      const message = authenticateMessage(this.#user, this.#negotiate, readChallengeMessage(Buffer.from(token, 'base64')), {
        certificate: this.#withoutBinding ? undefined : certificate,
        target: `HTTP/${host}`,
      });
      return Promise.resolve(`${this.#scheme} ${message.toString('base64')}`);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error('NTLM failed'));
    }
  }
}

/** A server that does not offer the scheme that was asked for. */
export function notOffered(wanted: string, offered: readonly string[]): ExchangeSqlError {
  const names = [...new Set(offered)].map((name) => ({ ntlm: 'NTLM', negotiate: 'Negotiate', basic: 'Basic', digest: 'Digest', bearer: 'OAuth (Bearer)' })[name] ?? name);
  return new ExchangeSqlError('AUTHENTICATION', `The server does not offer ${wanted} authentication.`, {
    hint: names.length === 0 ? 'It offers none; a proxy in between may have removed the offer.' : `It offers ${names.join(', ')}: set AuthScheme to one of these.`,
  });
}
