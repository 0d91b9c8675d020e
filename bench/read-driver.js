/** The rows of one statement through the driver. STREAM=1 keeps none of them. */
import { connect } from '../dist/index.js';
import { begin } from './report.js';

const { CONNECTION, SQL, STREAM } = process.env;
const connection = await connect(CONNECTION);
const meter = begin();
let count = 0;
const kept = [];
for await (const row of connection.stream(SQL)) {
  if (count === 0) meter.row();
  count += 1;
  if (STREAM !== '1') kept.push(row);
}
meter.end(count, STREAM === '1' ? undefined : kept);
await connection.close();
