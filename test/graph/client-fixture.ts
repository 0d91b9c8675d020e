import { onTestFinished } from 'vitest';
import type { Credential } from '../../src/auth/credential.js';
import { StaticToken } from '../../src/auth/static-token.js';
import { GraphClient } from '../../src/graph/client.js';
import type { GraphClientOptions } from '../../src/graph/client.js';
import { Governor } from '../../src/http/governor.js';
import { HttpTransport } from '../../src/http/transport.js';
import type { RunStatistics } from '../../src/scan/source.js';

export const TOKEN = 'opaque-test-token';

/** A client with a governor of its own and short waits; it ends with the test. */
export function client(origin: string, options: Partial<GraphClientOptions> = {}): GraphClient {
  const transport = options.transport ?? new HttpTransport();
  onTestFinished(() => transport.close());
  return new GraphClient({
    root: `${origin}/v1.0/`,
    credential: new StaticToken(TOKEN),
    governor: new Governor(),
    retry: { resetBaseMs: 2, throttleBaseMs: 2 },
    ...options,
    transport,
  });
}

export const statistics = (): RunStatistics => ({ requests: 0, bytes: 0, rowsRead: 0, retries: 0 });

/** A credential that gives token-1, and the next one each time the last is refused. */
export function renewable(): Credential & { readonly given: string[] } {
  let number = 1;
  const given: string[] = [];
  return {
    applicationKey: 'app:test',
    refreshable: true,
    ownMailbox: [],
    given,
    authorization: (_signal, rejected) => {
      if (rejected === `Bearer token-${number}`) number++;
      given.push(`token-${number}`);
      return Promise.resolve(`Bearer token-${number}`);
    },
  };
}
