/**
 * `npm run bench`: ratios in one run against hand-written code on @microsoft/microsoft-graph-client (PageIterator, the same
 * $select and $top), and what each case costs in requests, rows and bytes. Every figure with a limit is printed with it; the
 * exit code is 1 if one is beyond.
 *
 * The service is a sandbox in a process of its own, over https, because the SDK sends no token over http. Both contestants
 * run in processes of their own, alternating, and trust its certificate by NODE_EXTRA_CA_CERTS; only their own CPU time counts.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from '../dist/index.js';
import { SELECT } from './columns.js';
import { writeMbox } from './generated-mbox.js';
import { logged, run, startService } from './service.js';

const SEED = '7';
const folder = mkdtempSync(join(tmpdir(), 'exchange-sql-bench-'));
const certificate = join(folder, 'certificate.pem');
let failures = 0;

const number = (value, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const say = (text) => console.log(`     ${text}`);

function check(name, value, limit, text = number(value)) {
  const fine = value <= limit;
  if (!fine) failures += 1;
  console.log(`${fine ? 'ok  ' : 'MISS'} ${name}: ${text} (limit ${number(limit, limit % 1 === 0 ? 0 : 2)})`);
}

const environmentOf = (service) => ({
  CONNECTION: service.connectionString,
  GRAPH: service.graphEndpoint,
  TOKEN: /OAuthAccessToken=([^;]*)/.exec(service.connectionString)[1],
  SQL: SELECT,
});

const connected = (service) => connect(`${service.connectionString};SSLServerCert="${certificate}"`);

/** How many demo messages make a main mailbox of `rows`: the others get a share. */
async function messagesFor(rows) {
  const service = await startService(['--messages', '2000', '--seed', SEED], certificate);
  const connection = await connected(service);
  const { rows: [first] } = await connection.query('SELECT count(*) AS n FROM Messages');
  await connection.close();
  await service.stop();
  return String(Math.ceil(rows * (2000 / first.n) * 1.002));
}

/** Alternating runs, so that a drift of the machine's speed hits both; the first round only warms up the service. */
async function compare(service, rounds) {
  const driver = [];
  const sdk = [];
  for (let round = 0; round <= rounds; round += 1) {
    const a = await run('./read-driver.js', service, environmentOf(service));
    const b = await run('./read-sdk.js', service, environmentOf(service));
    if (a.rows !== b.rows || a.digest !== b.digest) throw new Error(`the driver read ${a.rows} rows, the SDK ${b.rows}, and they differ`);
    if (round === 0) continue;
    driver.push(a);
    sdk.push(b);
  }
  const of = (member) => ({ driver: median(driver.map((one) => one[member])), sdk: median(sdk.map((one) => one[member])), ratio: median(driver.map((one, index) => one[member] / sdk[index][member])) });
  // What else runs on the machine only ever adds to the wall time, and not to each in turn: there the best run counts.
  const best = (runs) => Math.min(...runs.map(({ wall }) => wall));
  return { rows: driver[0].rows, cpu: of('cpu'), wall: { driver: best(driver), sdk: best(sdk), ratio: best(driver) / best(sdk) }, peak: of('peak') };
}

async function reading() {
  console.log('reading 20,000 messages x 12 columns');
  const service = await startService(['--messages', await messagesFor(20_000), '--seed', SEED], certificate);
  for (const [name, script] of [['driver', './read-driver.js'], ['SDK', './read-sdk.js']]) {
    const cost = await logged(service, () => run(script, service, environmentOf(service)));
    say(`${name}: ${number(cost.result.rows)} rows, ${cost.requests} requests, ${number(cost.rows)} rows and ${number(cost.bytes)} bytes on the wire`);
  }
  const quick = await compare(service, 7);
  say(`no latency (median of 7): CPU ${number(quick.cpu.driver)} ms against ${number(quick.cpu.sdk)} ms, best wall time ${number(quick.wall.driver)} against ${number(quick.wall.sdk)} ms (${number(quick.wall.ratio, 2)} x), peak ${number(quick.peak.driver)} against ${number(quick.peak.sdk)} MB`);
  check('CPU time, no latency', quick.cpu.ratio, 1.2, `${number(quick.cpu.ratio, 2)} x the SDK's`);
  await service.admin('/faults', 'POST', { latencyMs: 40 });
  const slow = await compare(service, 5);
  say(`40 ms a request (best of 5): wall ${number(slow.wall.driver)} ms against ${number(slow.wall.sdk)} ms, CPU ${number(slow.cpu.ratio, 2)} x`);
  check('wall time at 40 ms a request', slow.wall.ratio, 1, `${number(slow.wall.ratio, 2)} x the SDK's`);
  await service.stop();
}

async function large() {
  console.log('a mailbox of 200,000 messages');
  const service = await startService(['--messages', await messagesFor(200_000), '--seed', SEED], certificate);
  say(`the sandbox was ready after ${number(service.ready / 1000, 1)} s`);
  const connection = await connected(service);
  const cost = async (name, sql, parameters = []) => {
    const { result, requests, batches, rows, bytes } = await logged(service, () => connection.query(sql, parameters));
    say(`${name}: ${requests} requests${batches === 0 ? '' : `, ${batches} of them batches`}, ${number(bytes)} bytes on the wire; ${number(result.rows.length)} rows`);
    return { requests, batches, wire: rows, rows: result.rows };
  };

  const unread = await cost('25 newest unread', 'SELECT subject FROM Messages WHERE isRead = 0 ORDER BY receivedDateTime DESC LIMIT 25');
  check('25 newest unread, requests', unread.requests, 1);
  check('25 newest unread, rows on the wire', unread.wire, 25);

  const count = await cost('COUNT(*) with a filter', 'SELECT COUNT(*) FROM Messages WHERE isRead = 0');
  check('COUNT(*) with a filter, requests', count.requests, 1);

  const ids = (await connection.query('SELECT id FROM Messages LIMIT 100', [], { rowMode: 'array' })).rows.flat();
  const byId = await cost('100 ids by IN', `SELECT subject FROM Messages WHERE id IN (${ids.map(() => '?').join(',')})`, ids);
  if (byId.rows.length !== 100) throw new Error('100 ids by IN: rows are missing');
  check('100 ids by IN, requests', byId.requests, 5);

  await connection.query('CREATE TEMP TABLE wanted AS SELECT id FROM Messages LIMIT 1000');
  // How large the mailbox is decides between look-up and scan; it is asked once a connection.
  await cost('size of the mailbox', 'SELECT COUNT(*) FROM Messages');
  const looked = await cost('1,000 keys of a temporary table', 'SELECT m.subject FROM wanted w JOIN Messages m ON m.id = w.id');
  if (looked.rows.length !== 1000) throw new Error('1,000 keys: rows are missing');
  check('1,000 keys of a temporary table, calls', looked.requests, 50);

  const newest = (await connection.query('SELECT receivedDateTime FROM Messages ORDER BY receivedDateTime DESC LIMIT 1001', [], { rowMode: 'array' })).rows.flat();
  const driving = await cost('the driving side alone', 'SELECT id, subject FROM Messages WHERE receivedDateTime > ?', [newest.at(-1)]);
  const joined = await cost('its attachments by a join', 'SELECT m.subject, a.name, a.size FROM Messages m JOIN MessageAttachments a ON a.messageId = m.id WHERE m.receivedDateTime > ?', [newest.at(-1)]);
  check(`${number(driving.rows.length)} keys by a join of two tables, calls beyond the driving side's pages`, joined.requests - driving.requests, 50);
  await connection.close();

  const EARLY = 100_000;
  const { result: stream, requests, bytes } = await logged(service, () => run('./stream-driver.js', service, { ...environmentOf(service), EARLY: String(EARLY) }, ['--expose-gc']));
  say(`streaming ${number(stream.rows)} rows: ${requests} requests, ${number(bytes)} bytes, ${number((stream.rows / stream.wall) * 1000)} rows a second; first row after ${number(stream.firstRow)} ms`);
  say(`peak memory ${number(stream.peak)} MB (${number(stream.early.peak)} MB after ${number(EARLY)} rows); held ${number(stream.late.held, 1)} MB (${number(stream.early.held, 1)} MB)`);
  check('first row: rows read before it', stream.readBeforeFirst, 1000);
  check(`peak memory, all rows against the first ${number(EARLY)}`, stream.late.peak / stream.early.peak, 1.25, `${number(stream.late.peak / stream.early.peak, 2)} x`);
  check('memory still held after all rows, MB more', stream.late.held - stream.early.held, 4, number(stream.late.held - stream.early.held, 1));
  await service.stop();
}

async function importing() {
  console.log('import');
  const tell = (name, { messages, events, contacts, problems, milliseconds, peak }) => {
    const others = [events > 0 ? `${number(events)} events` : '', contacts > 0 ? `${number(contacts)} contacts` : '', problems > 0 ? `${number(problems)} things skipped` : ''].filter((text) => text !== '');
    say(`${name}: ${number(messages)} messages in ${number(milliseconds)} ms, ${number((messages / milliseconds) * 1000)} messages a second${others.length > 0 ? `; ${others.join(', ')}` : ''}; peak ${number(peak)} MB`);
  };
  const mbox = join(folder, 'generated.mbox');
  await writeMbox(mbox, 5000);
  tell('generated mbox', await run('./import.js', {}, {}, [], [mbox]));
  const corpus = fileURLToPath(new URL('../../shared/data', import.meta.url));
  if (!existsSync(corpus)) {
    console.log('SKIP import of real mail: there is no ../shared/data beside the repository');
    return;
  }
  const kinds = ['mail', 'calendar', 'contacts'].map((kind) => join(corpus, kind)).filter((path) => existsSync(path));
  tell('mail, calendars and contacts beside the repository', await run('./import.js', {}, {}, [], kinds));
}

/** Each contestant inserts, changes and deletes its own 1,000 drafts; the mailbox is the same size for both. */
async function writing() {
  console.log('writing 1,000 messages');
  const service = await startService(['--messages', '200', '--seed', SEED], certificate);
  const ROWS = 1000;
  const phases = ['insert', 'update', 'delete'];
  const round = async (script) => {
    const costs = {};
    for (const PHASE of phases) {
      const { result, requests, batches, bytes } = await logged(service, () => run(script, service, { ...environmentOf(service), ROWS: String(ROWS), PHASE }));
      costs[PHASE] = { ...result, requests, batches, bytes };
    }
    return costs;
  };
  for (const latencyMs of [0, 40]) {
    await service.admin('/faults', 'POST', { latencyMs });
    const walls = { driver: [], sdk: [] };
    let last;
    for (let n = 0; n < (latencyMs === 0 ? 4 : 3); n += 1) {
      const driver = await round('./write-driver.js');
      const sdk = await round('./write-sdk.js');
      last = { driver, sdk };
      if (n === 0) continue;
      walls.driver.push(driver);
      walls.sdk.push(sdk);
    }
    for (const phase of phases) {
      const { driver, sdk } = { driver: last.driver[phase], sdk: last.sdk[phase] };
      // As for reading: other work on the machine only ever adds.
      const best = (who) => Math.min(...walls[who].map((one) => one[phase].wall));
      say(`${phase}, ${latencyMs} ms a request: driver ${number(driver.requests)} calls, ${number(driver.bytes)} bytes, ${number(best('driver'))} ms; by hand ${number(sdk.requests)} calls, ${number(sdk.bytes)} bytes, ${number(best('sdk'))} ms`);
      if (latencyMs === 0) check(`${phase} of 1,000 messages, HTTP calls`, driver.requests, 52);
      // Without latency only the cost of SQL is left: printed above. What users wait for is the service, as for reading.
      else check(`${phase} of 1,000 messages, wall time at ${latencyMs} ms a request`, best('driver') / best('sdk'), 1, `${number(best('driver') / best('sdk'), 2)} x by hand`);
    }
  }
  await service.stop();
}

const only = process.argv.slice(2);
const cases = { reading, large, writing, importing };
const unknown = only.find((name) => !Object.hasOwn(cases, name));
if (unknown !== undefined) throw new Error(`there is no case '${unknown}': ${Object.keys(cases).join(', ')}`);

try {
  for (const [name, measure] of Object.entries(cases)) if (only.length === 0 || only.includes(name)) await measure();
} finally {
  rmSync(folder, { recursive: true });
}
console.log(failures === 0 ? 'all within their limits' : `${failures} beyond their limits`);
process.exitCode = failures === 0 ? 0 : 1;
