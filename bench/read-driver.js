/** The rows of one statement through the driver: all of them (`query`), or one by one and none kept (STREAM=1). */
import { connect } from '../dist/index.js';
import { begin } from './report.js';

const { CONNECTION, SQL, STREAM } = process.env;
const connection = await connect(CONNECTION);
const meter = begin();
if (STREAM === '1') {
  let count = 0;
  for await (const row of connection.stream(SQL)) {
    if (count === 0) meter.row(row);
    count += 1;
  }
  meter.end(count);
} else {
  const { rows } = await connection.query(SQL);
  meter.end(rows.length, rows);
}
await connection.close();
