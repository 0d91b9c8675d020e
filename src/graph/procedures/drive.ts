/**
 * Owns: CreateFolder, UploadFile and DownloadFile of OneDrive.
 * Invariants: names and paths reach the URL segment by segment, encoded.
 */
import { basename } from 'node:path';
import { emit, exchange, fetchBytes, readFile, send, upload, writeFile, type Answer, type Script } from './effect.js';
import { member, textAt, type Inputs } from './inputs.js';
import { encodeSegment } from '../literal.js';
import { columnValue } from './values.js';

/** facts: contents of up to 4 MB in one request, larger ones by a session in multiples of 320 KiB. */
const DIRECT_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 10 * 320 * 1024;
/** What is held in memory. */
const MOST_BYTES = 250 * 1024 * 1024;

/** `/me/drive/root` or `/me/drive/items/{id}`: the folder that the call names. */
function parentOf(inputs: Inputs): string {
  const id = inputs.text('ParentId');
  return id === undefined ? inputs.path('/drive/root') : inputs.path('/drive/items/{id}', { id });
}

/** `…:/a/b:` below the parent: how Graph addresses by path. */
function below(parent: string, names: readonly string[]): string {
  return names.length === 0 ? parent : `${parent}:/${names.map(encodeSegment).join('/')}:`;
}

const namesOf = (path: string | undefined): string[] => (path ?? '').split('/').map((name) => name.trim()).filter((name) => name !== '');

const behaviour = (inputs: Inputs): string => inputs.text('ConflictBehavior') ?? 'fail';

export function* createFolder(inputs: Inputs): Script {
  const name = inputs.need('FolderName');
  const item = yield* send({
    method: 'POST',
    path: `${below(parentOf(inputs), namesOf(inputs.text('ParentPath')))}/children`,
    body: { json: { name, folder: {}, '@microsoft.graph.conflictBehavior': behaviour(inputs) } },
    sample: { id: '{id}' },
  });
  yield* emit([textAt(item, 'id'), textAt(item, 'name'), textAt(item, 'webUrl'), 'Success']);
}

export function* uploadFile(inputs: Inputs): Script {
  const given = inputs.oneOf('LocalFile', 'Content') ?? inputs.missing('LocalFile or Content');
  const local = inputs.text('LocalFile');
  const name = inputs.text('FileName') ?? (local === undefined ? inputs.missing('FileName') : basename(local.replaceAll('\\', '/')));
  const bytes = given === 'LocalFile' ? yield* readFile('LocalFile', inputs.need('LocalFile'), MOST_BYTES) : (inputs.bytes('Content') ?? new Uint8Array());
  const target = below(parentOf(inputs), [...namesOf(inputs.text('ParentPath')), name]);
  const conflict = behaviour(inputs);
  const sample = { id: '{id}' };
  const answer: Answer =
    bytes.length <= DIRECT_BYTES
      ? yield* exchange({
          method: 'PUT',
          path: `${target}/content?@microsoft.graph.conflictBehavior=${conflict}`,
          body: { bytes, contentType: inputs.text('ContentType') ?? 'application/octet-stream' },
          // Replacing by the same content changes nothing; a second one beside it does.
          repeat: conflict === 'replace' ? 'safe' : 'never',
          sample,
        })
      : yield* upload({ method: 'POST', path: `${target}/createUploadSession`, body: { json: { item: { '@microsoft.graph.conflictBehavior': conflict, name } } }, sample }, bytes, PIECE_BYTES);
  const item = answer.body;
  yield* emit([textAt(item, 'id'), textAt(item, 'name') ?? name, columnValue(member(item, 'size'), 'bigint') ?? BigInt(bytes.length), textAt(item, 'webUrl'), 'Success']);
}

export function* downloadFile(inputs: Inputs): Script {
  const id = inputs.need('FileId');
  const directory = inputs.text('LocalFolder');
  const owner = inputs.path('/drive/items/{id}', { id });
  const item = yield* send({ method: 'GET', path: `${owner}?$select=id,name,size,file`, sample: { name: '{name}', file: {} } });
  if (member(item, 'file') === undefined) inputs.refuse('FileId', 'names a folder', 'Name a file: SELECT id, name FROM Files.');
  const bytes = yield* fetchBytes({ method: 'GET', path: `${owner}/content` });
  const name = inputs.text('FileName') ?? textAt(item, 'name') ?? 'file';
  const path = directory === undefined ? null : yield* writeFile('LocalFolder', directory, name, bytes);
  yield* emit([id, name, BigInt(bytes.length), textAt(item, 'file/mimeType'), path === null ? bytes : null, path, 'Success']);
}
