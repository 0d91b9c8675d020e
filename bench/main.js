/**
 * `npm run bench`: ratios in one run against hand-written code on @microsoft/microsoft-graph-client (PageIterator, same
 * $select and $top), and what each case costs in requests, rows and bytes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../dist/index.js';
import { logged, run, startService } from './service.js';

const COLUMNS = ['id', 'subject', 'receivedDateTime', 'sentDateTime', 'isRead', 'isDraft', 'hasAttachments', 'importance', 'from_emailAddress_name', 'from_emailAddress_address', 'conversationId', 'parentFolderId'];
const PROPERTIES = [...new Set(COLUMNS.map((name) => name.split('_')[0]))].join(',');
const SELECT = `SELECT ${COLUMNS.join(', ')} FROM Messages`;

const number = (value, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
let failures = 0;
function check(name, value, limit, text) {
  const fine = value <= limit;
  if (!fine) failures += 1;
  console.log(`${fine ? 'ok  ' : 'MISS'} ${name}: ${text} (limit ${limit})`);
}

/** Medians of alternating runs, so that a drift of the machine's speed hits both. */
async function compare(service, rounds) {
  const environment = { ...service.environment, CONNECTION: service.connectionString, SQL: SELECT, GRAPH: service.graphEndpoint, TOKEN: service.token, COLUMNS: PROPERTIES };
  const driver = [];
  const sdk = [];
  for (let round = 0; round <= rounds; round += 1) {
    const a = await run('./read-driver.js', environment);
    const b = await run('./read-sdk.js', environment);
    if (a.rows !== b.rows) throw new Error(`the driver read ${a.rows} rows, the SDK ${b.rows}`);
    if (round > 0) {
      driver.push(a);
      sdk.push(b);
    }
  }
  const of = (runs, member) => median(runs.map((one) => one[member]));
  const ratio = (member) => median(driver.map((one, index) => one[member] / sdk[index][member]));
  return { rows: driver[0].rows, driver: { cpu: of(driver, 'cpu'), wall: of(driver, 'wall'), first: of(driver, 'firstRow') }, sdk: { cpu: of(sdk, 'cpu'), wall: of(sdk, 'wall') }, cpu: ratio('cpu'), wall: ratio('wall') };
}

async function secureService(folder, args) {
  const service = await startService(['--https', ...args]);
  // The sandbox's certificate is made at its start; both contestants trust it through the environment.
  const { certificate } = await (await adminFetch(service, '/certificate')).json();
  const file = join(folder, `certificate-${Date.now()}.pem`);
  writeFileSync(file, certificate);
  return { ...service, environment: { NODE_EXTRA_CA_CERTS: file }, token: /OAuthAccessToken=([^;]*)/.exec(service.connectionString)[1], connectionString: `${service.connectionString};SSLServerCert=${file}` };
}

const adminFetch = (service, path, init) => fetch(`${service.adminEndpoint}${path}`, init);

const folder = mkdtempSync(join(tmpdir(), 'exchange-sql-bench-'));
try {
  console.log('reading 20,000 messages x 12 columns');
  const quick = await secureService(folder, ['--messages', '24000', '--seed', '7']);
  const plain = await compare(quick, 5);
  console.log(`     ${number(plain.rows)} rows; CPU ms: driver ${number(plain.driver.cpu)}, SDK ${number(plain.sdk.cpu)}; wall ms: driver ${number(plain.driver.wall)}, SDK ${number(plain.sdk.wall)}; first row after ${number(plain.driver.first)} ms`);
  check('CPU time, no latency', plain.cpu, 1.2, `${number(plain.cpu, 2)} x the SDK's`);
  await adminFetch(quick, '/faults', { method: 'POST', body: JSON.stringify({ latencyMs: 40 }), headers: { 'content-type': 'application/json' } });
  const slow = await compare(quick, 3);
  check('wall time at 40 ms a request', slow.wall, 1.0, `${number(slow.wall, 2)} x the SDK's (${number(slow.driver.wall)} against ${number(slow.sdk.wall)} ms)`);
  await quick.stop();

  console.log('requests and rows');
  const service = await startService(['--messages', '6000', '--seed', '7']);
  const connection = await connect(service.connectionString);
  const cost = async (name, sql, parameters = []) => {
    const { result, requests, rows, bytes, entries } = await logged(service, () => connection.query(sql, parameters));
    console.log(`     ${name}: ${requests} requests, ${number(rows)} rows, ${number(bytes)} bytes on the wire, ${number(result.rows.length)} rows out`);
    return { requests, rows, entries, result };
  };
  const unread = await cost('25 newest unread', 'SELECT subject FROM Messages WHERE isRead = 0 ORDER BY receivedDateTime DESC LIMIT 25');
  check('25 newest unread, requests', unread.requests, 1, unread.requests);
  check('25 newest unread, rows on the wire', unread.rows, 25, unread.rows);
  const count = await cost('count with a filter', 'SELECT count(*) FROM Messages WHERE isRead = 0');
  check('count, requests', count.requests, 1, count.requests);
  const ids = (await connection.query('SELECT id FROM Messages LIMIT 100', [], { rowMode: 'array' })).rows.map(([id]) => id);
  const byId = await cost('100 ids by IN', `SELECT subject FROM Messages WHERE id IN (${ids.map(() => '?').join(',')})`, ids);
  check('100 ids by IN, batches', byId.requests, 5, byId.requests);
  await connection.query('CREATE TEMP TABLE wanted AS SELECT id FROM Messages LIMIT 1000');
  const looked = await cost('1,000 keys by a join', 'SELECT m.subject FROM wanted w JOIN Messages m ON m.id = w.id');
  check('1,000 keys by a join, calls', looked.requests, 50, looked.requests);
  await connection.close();
  await service.stop();

  console.log('streaming 200,000 rows');
  const large = await startService(['--messages', '210000', '--seed', '7']);
  const few = await run('./read-driver.js', { CONNECTION: large.connectionString, SQL: `${SELECT} LIMIT 20000`, STREAM: '1' });
  const many = await run('./read-driver.js', { CONNECTION: large.connectionString, SQL: SELECT, STREAM: '1' });
  console.log(`     ${number(few.rows)} rows: peak ${number(few.peak)} MB; ${number(many.rows)} rows: peak ${number(many.peak)} MB, first row after ${number(many.firstRow)} ms, ${number((many.rows / many.wall) * 1000)} rows a second`);
  check('peak memory, ten times the rows', many.peak / few.peak, 1.25, `${number(many.peak / few.peak, 2)} x`);
  await large.stop();
} finally {
  rmSync(folder, { recursive: true });
}
console.log(failures === 0 ? 'all within their limits' : `${failures} beyond their limits`);
process.exitCode = failures === 0 ? 0 : 1;
