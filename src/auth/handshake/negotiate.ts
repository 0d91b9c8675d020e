/**
 * Owns: Negotiate (RFC 4559): a Kerberos token for each socket; raw NTLM under the same name where there is no ticket to be had.
 * Does not own: GSSAPI (gss.ts), NTLM's messages (ntlm/).
 * Invariants: the service principal is that of the host signed in to, unless one was named; a context ends with its handshake.
 */
import { ExchangeSqlError } from '../../errors.js';
import type { Handshake, HandshakeFactory, HandshakeRequest } from '../../http/handshake.js';
import { readChallenges } from './challenge.js';
import { startGss, type GssContext, type GssCredential } from './gss.js';
import { notOffered, ntlmHandshake, type PasswordUser } from './index.js';
import { useRealms, type KerberosRealms } from './krb5-config.js';
import { endPointBinding } from './ntlm/messages.js';

export interface KerberosOptions extends Omit<KerberosRealms, 'host'> {
  /** `HTTP/host` or `HTTP/host@REALM`; default HTTP and the server's host. */
  readonly spn?: string | undefined;
  readonly keytab?: string | undefined;
  readonly ticketCache?: string | undefined;
  /** Principal, where it is not `user` in the realm. */
  readonly principal?: string | undefined;
  readonly withoutBinding?: boolean | undefined;
}

/** Kerberos where any property of it is given or a ticket is there; with a user and password only, NTLM takes over where Kerberos cannot be had. */
export function negotiateHandshake(user: PasswordUser | undefined, options: KerberosOptions): HandshakeFactory {
  const named = [options.spn, options.keytab, options.ticketCache, options.kdc, options.realm, options.serviceKdc, options.serviceRealm].some((value) => value !== undefined);
  return () => new Negotiate(user, options, named);
}

class Negotiate implements Handshake {
  readonly bound = true;
  readonly #user: PasswordUser | undefined;
  readonly #options: KerberosOptions;
  readonly #kerberosOnly: boolean;
  #context: GssContext | undefined;
  #ntlm: Handshake | undefined;
  #started = false;

  constructor(user: PasswordUser | undefined, options: KerberosOptions, kerberosOnly: boolean) {
    this.#user = user;
    this.#options = options;
    this.#kerberosOnly = kerberosOnly;
  }

  async next(challenge: string | undefined, request: HandshakeRequest): Promise<string | undefined> {
    if (this.#ntlm !== undefined) return this.#ntlm.next(challenge, request);
    if (!this.#started) {
      this.#started = true;
      try {
        return await this.#step(undefined, request);
      } catch (error) {
        if (this.#kerberosOnly || this.#user === undefined || !(error instanceof ExchangeSqlError)) throw error;
        this.#ntlm = ntlmHandshake(this.#user, { scheme: 'Negotiate', ...(this.#options.withoutBinding === true ? { withoutBinding: true } : {}) })();
        return this.#ntlm.next(undefined, request);
      }
    }
    const offered = readChallenges(challenge ?? '');
    const negotiate = offered.find(({ scheme }) => scheme === 'negotiate');
    if (negotiate === undefined) {
      this.#end();
      throw notOffered('Negotiate', offered.map(({ scheme }) => scheme));
    }
    if (negotiate.token68 === undefined) {
      this.#end();
      return undefined;
    }
    return this.#step(Buffer.from(negotiate.token68, 'base64'), request);
  }

  async #step(token: Buffer | undefined, { host, certificate }: HandshakeRequest): Promise<string | undefined> {
    const { spn, withoutBinding } = this.#options;
    if (this.#context === undefined) {
      useRealms({ ...this.#options, host: /^[^/@]+[/@]([^@]+)/.exec(spn ?? '')?.[1] ?? host });
      const bindings = certificate === undefined || withoutBinding === true ? undefined : endPointBinding(certificate);
      this.#context = await startGss(this.#credential(), spn ?? `HTTP@${host}`, bindings);
    }
    try {
      const answer = await this.#context.step(token);
      if (answer === undefined) {
        this.#end();
        return undefined;
      }
      return `Negotiate ${answer.toString('base64')}`;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #credential(): GssCredential {
    const { keytab, ticketCache, principal, realm } = this.#options;
    const user = this.#user;
    const name = principal ?? (user === undefined || user.user === '' ? undefined : user.user.includes('@') ? user.user : `${user.user.replace(/^[^\\]*\\/, '')}@${realm ?? user.domain?.toUpperCase() ?? ''}`.replace(/@$/, ''));
    if (keytab !== undefined) return { kind: 'keytab', principal: name, keytab };
    if (ticketCache !== undefined) return { kind: 'cache', principal: name, cache: ticketCache };
    if (user !== undefined && user.password !== '' && name !== undefined) return { kind: 'password', principal: name, password: user.password };
    return { kind: 'cache', principal: undefined, cache: undefined };
  }

  #end(): void {
    this.#context?.end();
    this.#context = undefined;
  }
}
