/** 1,000 messages inserted, changed and deleted through the driver. */
import { connect } from '../dist/index.js';
import { begin } from './report.js';

const { CONNECTION, ROWS, PHASE } = process.env;
const connection = await connect(CONNECTION);
const rows = Number(ROWS);
const meter = begin();
if (PHASE === 'insert') {
  const values = Array.from({ length: rows }, (_, n) => [`Bench ${n}`, `Text of ${n}`, 'high']);
  const result = await connection.query(`INSERT INTO Messages (subject, body_content, importance) VALUES ${values.map(() => '(?, ?, ?)').join(', ')} RETURNING id`, values.flat(), { rowMode: 'array', maxAffectedRows: 0 });
  if (result.rows.length !== rows) throw new Error(`${result.rows.length} rows were inserted`);
} else if (PHASE === 'update') {
  const { affectedRows } = await connection.query(`UPDATE Messages SET isRead = 1, importance = 'low' WHERE parentFolderId = 'drafts' AND subject LIKE 'Bench %'`, [], { maxAffectedRows: 0 });
  if (affectedRows !== rows) throw new Error(`${affectedRows} rows were changed`);
} else {
  const { affectedRows } = await connection.query(`DELETE FROM Messages WHERE parentFolderId = 'drafts' AND subject LIKE 'Bench %'`, [], { maxAffectedRows: 0 });
  if (affectedRows !== rows) throw new Error(`${affectedRows} rows were deleted`);
}
meter.end(rows);
await connection.close();
