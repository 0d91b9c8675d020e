/** One tenant, one oracle, and statements run on both. */
import fc from 'fast-check';
import type { Faults, Sandbox } from '../../../src/sandbox/index.js';
import { statement } from '../statements/selects.js';
import { worldOf, type World } from '../statements/scope.js';
import { difference, type Statement } from './compare.js';
import { choices, drawFrom, type Draw } from './draw.js';
import { openLink, type Link } from './link.js';
import { loadOracle, SCOPES, type Oracle, type Scope } from './oracle.js';
import { connectionTo, MAIN, startTenant, type TenantOptions } from './tenant.js';

/** `npm run test:long` sets it. */
export const LONG = process.env['LONG'] !== undefined;

/** Printed; SEED=… repeats a run. */
export const SEED = process.env['SEED'] === undefined ? (LONG ? Date.now() % 2_147_483_647 : 20_260_615) : Number(process.env['SEED']);

/** Random statements in the long run for one in CI: more than 100,000 in all. */
const LONGER = 32;

export const runs = (count: number): number => (LONG ? count * LONGER : count);
export const minutes = (count: number): number => (LONG ? count * LONGER : count) * 60_000;

export interface Bench {
  readonly sandbox: Sandbox;
  readonly oracle: Oracle;
  readonly worlds: Readonly<Record<Scope, World>>;
  open(properties?: Readonly<Record<string, string | boolean | number>>): Link;
  close(): Promise<void>;
}

export async function startBench(options: TenantOptions = {}, properties: Readonly<Record<string, string | boolean>> = {}): Promise<Bench> {
  const sandbox = await startTenant(options);
  const oracle = await loadOracle(sandbox, properties);
  const links: Link[] = [];
  return {
    sandbox,
    oracle,
    worlds: Object.fromEntries(SCOPES.map((scope) => [scope, worldOf(oracle, scope)])) as Record<Scope, World>,
    open: (more = {}) => {
      const link = openLink(connectionTo(sandbox, MAIN, { ...properties, ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, String(value)])) }));
      links.push(link);
      return link;
    },
    close: async () => {
      await Promise.all(links.map((link) => link.close()));
      oracle.close();
      await sandbox.close();
    },
  };
}

/** Runs a statement on both sides. Throws with the statement and what differs, or with the driver's own error. */
export async function check(link: Link, asked: Statement, oracle: Oracle): Promise<void> {
  let rows;
  try {
    ({ rows } = await link.run(asked.sql));
  } catch (error) {
    throw new Error(`${asked.sql}\n  (${asked.scope}) failed: ${String(error)}`, { cause: error });
  }
  const wrong = difference(asked, rows, oracle);
  if (wrong !== undefined) throw new Error(`${asked.sql}\n  (${asked.scope}, ${asked.check.kind}) ${wrong}`);
}

export type Generate = (draw: Draw) => Statement;

/** Random statements; a failure is shrunk, and its message tells seed and path. */
export async function checkRandomly(bench: Bench, link: Link, count: number, salt: number, generate: Generate = (draw) => statement(draw, bench.worlds)): Promise<void> {
  const seed = SEED + salt;
  await fc.assert(
    fc.asyncProperty(choices(), async (list) => {
      await check(link, generate(drawFrom(list)), bench.oracle);
    }),
    // Shrinking ends when time is up; what was found by then is reported.
    { seed, numRuns: count, interruptAfterTimeLimit: minutes(4), markInterruptAsFailure: true },
  );
}

/** Refusals no fault explains: none may come from too many requests at once. */
export const unexplained429s = (sandbox: Sandbox): number => sandbox.log.entries.filter(({ status, fault }) => status === 429 && fault === null).length;

export function setFaults(sandbox: Sandbox, faults: Partial<Faults>): void {
  sandbox.faults.reset();
  sandbox.faults.set(faults);
}
