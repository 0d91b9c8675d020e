/** The few members of oidc-provider that the tests use; the package has no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export type ProviderClient = Readonly<Record<string, unknown>>;
  interface Saved {
    save(): Promise<string>;
    readonly expiration: number;
  }
  export interface GrantContext {
    status: number;
    type: string;
    body: unknown;
    readonly oidc: {
      readonly params: Readonly<Record<string, unknown>>;
      readonly client: { readonly clientId: string };
      readonly session: { readonly accountId: string };
    };
  }
  interface Configuration {
    readonly loadExistingGrant?: (ctx: GrantContext) => Promise<unknown>;
    readonly renderError?: (ctx: GrantContext, out: { readonly error: string; readonly error_description?: string }) => void;
    readonly [name: string]: unknown;
  }
  export default class Provider {
    constructor(issuer: string, configuration: Configuration);
    on(event: 'server_error', listener: (ctx: GrantContext, error: Error) => void): void;
    readonly Grant: new (of: object) => Saved & { addOIDCScope(scope: string): void };
    readonly AccessToken: new (of: object) => Saved;
    readonly IdToken: new (claims: object, context: { readonly ctx: GrantContext }) => { issue(options: { readonly use: string }): Promise<string> };
    registerGrantType(name: string, handler: (ctx: GrantContext) => Promise<void>, parameters: readonly string[]): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}
