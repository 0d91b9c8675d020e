/**
 * Owns: DownloadEmail: a message as MIME, as bytes or as a file.
 */
import { emit, exchange, fetchBytes, writeFile, type Script } from './effect.js';
import { textAt, type Inputs } from './inputs.js';

export function* downloadEmail(inputs: Inputs): Script {
  const id = inputs.need('MessageId');
  const directory = inputs.text('LocalFolder');
  const { body } = yield* exchange({ method: 'GET', path: inputs.path('/messages/{id}?$select=id,subject', { id }), sample: { subject: '{subject}' } });
  const bytes = yield* fetchBytes({ method: 'GET', path: inputs.path('/messages/{id}/$value', { id }) });
  const name = inputs.text('FileName') ?? `${textAt(body, 'subject') ?? 'message'}.eml`;
  const path = directory === undefined ? null : yield* writeFile('LocalFolder', directory, name, bytes);
  yield* emit([id, name, BigInt(bytes.length), path === null ? bytes : null, path, 'Success']);
}
