/** The rows of one statement through the driver, collected. */
import { connect } from '../dist/index.js';
import { begin } from './report.js';

const { CONNECTION, SQL } = process.env;
const connection = await connect(CONNECTION);
const meter = begin();
const { rows } = await connection.query(SQL);
meter.end(rows.length, rows);
await connection.close();
