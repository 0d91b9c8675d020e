/** The same rows through the driver. STREAM=1 keeps none of them. */
import { connect } from '../dist/index.js';

const { CONNECTION, SQL, STREAM } = process.env;
const connection = await connect(CONNECTION);
const cpu = process.cpuUsage();
const started = performance.now();
let firstRow;
let rows = 0;
const kept = [];
for await (const row of connection.stream(SQL)) {
  firstRow ??= performance.now() - started;
  rows += 1;
  if (STREAM !== '1') kept.push(row);
}
const wall = performance.now() - started;
const used = process.cpuUsage(cpu);
await connection.close();
process.stdout.write(JSON.stringify({ rows, wall, cpu: (used.user + used.system) / 1000, firstRow, peak: process.resourceUsage().maxRSS / 1024 }) + '\n');
