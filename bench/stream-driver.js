/** The rows of one statement through the driver, one by one, none kept; memory is taken after the first EARLY rows and at the end. */
import { connect } from '../dist/index.js';
import { begin } from './report.js';

const { CONNECTION, SQL, EARLY } = process.env;
const connection = await connect(CONNECTION);
const early = Number(EARLY);
const meter = begin();
const stream = connection.stream(SQL);
let count = 0;
for await (const row of stream) {
  if (count === 0 && Object.keys(row).length > 0) {
    meter.mark('firstRow');
    meter.mark('readBeforeFirst', stream.statistics.rowsRead);
  }
  count += 1;
  if (count === early) meter.mark('early', meter.memory());
}
meter.mark('late', meter.memory());
meter.end(count);
await connection.close();
