/**
 * Owns: what the directory (users, groups) takes of $filter, $orderby, $search, $count and $skip (facts 1.4).
 * Does not own: evaluation.
 * Invariants: an advanced query without its header and $count is refused, except `$count=true`, which is silently ignored.
 */
import { GraphError } from '../graph-error.js';
import { inspectFilter } from '../odata/index.js';
import { supportOf, type DirectoryOperator } from './directory-matrix.js';
import type { QueryOptions } from './options.js';
import type { Parsed } from './parsed.js';

const unsupported = (): GraphError => new GraphError(400, 'Request_UnsupportedQuery', 'Unsupported Query.');

const OPERATOR_OF: Readonly<Record<string, DirectoryOperator>> = { eq: 'eq', ne: 'ne', ge: 'ge', le: 'le', gt: 'ge', lt: 'le', in: 'in' };

/** Throws for what the service refuses. `advanced`: the request has ConsistencyLevel: eventual and $count=true. */
export function checkDirectory(parsed: Parsed, options: QueryOptions, eventual: boolean): void {
  if (options.skip !== undefined) throw new GraphError(400, 'Request_BadRequest', "'$skip' is not supported by the service.");
  if (options.search !== undefined && !eventual) {
    throw new GraphError(400, 'Request_UnsupportedQuery', "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'");
  }
  const advanced = eventual && options.count;
  const need = (support: 'default' | 'advanced' | 'never'): void => {
    if (support === 'never' || (support === 'advanced' && !advanced)) throw unsupported();
  };
  if (parsed.orderBy.length > 0) {
    if (parsed.orderBy.some((item) => item.path === '')) throw unsupported();
    if (parsed.filter !== undefined || options.search !== undefined) need('advanced');
  }
  if (parsed.filter === undefined) return;
  const use = inspectFilter(parsed.filter);
  if (use.functions.includes('contains')) throw new GraphError(400, 'Request_UnsupportedQuery', "Unsupported property filter clause operator 'Contains'.");
  const negated = use.operators.includes('not');
  for (const call of use.functionUses) {
    const path = call.path;
    if (call.name === 'endswith') {
      if (path !== 'mail' && path !== 'userPrincipalName') throw unsupported();
      need('advanced');
    } else if (call.name === 'startswith') need(path === '' ? supportOf(use.lambdas[0]?.collection ?? '', 'startswith') : supportOf(path.split('/')[0] ?? '', 'startswith'));
    else throw unsupported();
  }
  for (const comparison of use.comparisons) {
    const property = comparison.inner ? use.lambdas[0]?.collection ?? '' : comparison.path.split('/')[0] ?? '';
    const operator = OPERATOR_OF[comparison.operator];
    if (operator === undefined) throw unsupported();
    need(comparison.withNull ? (supportOf(property, 'null') === 'never' ? supportOf(property, operator) : supportOf(property, 'null')) : supportOf(property, operator));
  }
  if (negated) for (const path of use.paths) need(supportOf(path.split('/')[0] ?? '', 'not'));
}
