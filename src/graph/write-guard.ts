/**
 * Owns: the version of a row that a statement names: If-Match on a PATCH or DELETE, otherwise a look before the write.
 * Invariants: pure; only the first request of a row carries it, since that one changes the version.
 */
import type { TableWrite } from '../catalog/table.js';
import { ExchangeSqlError } from '../errors.js';
import type { WriteShape } from '../scan/write.js';
import { withQuery } from './literal.js';
import { isEntity } from './write-result.js';
import type { RowValues } from './write-row.js';
import type { WriteStep } from './write-step.js';

/** The steps of a row, guarded where the statement asks for it. `item` is the row's path. */
export function guardSteps(write: TableWrite, shape: WriteShape, values: RowValues, steps: readonly WriteStep[], item: string, common: Pick<WriteStep, 'headers' | 'mailbox' | 'kind'>): readonly WriteStep[] {
  const { version } = write;
  const [first, ...rest] = steps;
  const value = !shape.guarded || version === undefined ? undefined : values.read(version.column);
  if (version === undefined || first === undefined || typeof value !== 'string') return steps;
  // Whether a POST heeds If-Match is not documented.
  if (version.by === 'if-match' && first.method !== 'POST') return [{ ...first, ifMatch: version.column === 'changeKey' ? `W/"${value}"` : value }, ...rest];
  const { declaration } = values;
  const property = declaration.columns.find(({ name }) => name === version.column)?.path ?? version.column;
  const look: WriteStep = {
    ...common,
    method: 'GET',
    url: withQuery(item, [{ name: '$select', value: property }]),
    body: undefined,
    repeat: 'absolute',
    check: ({ body }) => (isEntity(body) && body[property] === value ? undefined : new ExchangeSqlError('CONFLICT', `The row of ${declaration.name} was changed meanwhile.`, { hint: 'Read it again and repeat the change.', retryable: true })),
  };
  return [look, ...steps];
}
