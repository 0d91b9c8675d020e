/**
 * Owns: the closed list of reasons why something did not go down, or is re-checked.
 * Invariants: EXPLAIN prints the code; `REASONS` says it in words. No reason outside this list.
 */
export const REASONS = {
  // decided by the planner
  'not-readable': 'the predicate could not be read into a tree',
  'guard-refused': 'the reading could not be proved by the bytecode',
  'null-supplied': 'the table is the null-supplied side of an outer join and the predicate may accept NULL',
  'preserved-side': 'a predicate in ON does not restrict the preserved side of an outer join',
  'or-not-pushable': 'one arm of the OR cannot go down on this table',
  negation: 'a negation is not pushed',
  'storage-class': 'the constant is of another storage class than the column',
  collation: 'a COLLATE clause changes the comparison',
  'function-of-column': 'the column stands inside a function or an arithmetic expression',
  'compares-columns': 'it compares two columns',
  correlated: 'it refers to an outer query',
  subquery: 'it contains a subquery that is not a key look-up',
  'not-constant': 'the other side is not a constant',
  'not-deterministic': 'it calls a function that is not on the list of pure ones',
  pattern: 'the pattern has no usable prefix',
  'several-references': 'the table is referenced several times and its rows are shared',
  'unseen-reference': 'the bytecode reads a table that the skeleton does not show',
  'pushdown-off': 'DisableServerSideFiltering is set',
  // decided by the source
  'not-filterable': 'the service cannot filter this column',
  'operator-not-supported': 'the service does not offer this operator on this column',
  'case-insensitive': 'the service compares text without case; the rows are re-checked',
  'lossy-equality': "the service's eq loses rows here; a prefix is sent and the rows are re-checked",
  'word-index': 'the service searches words, not characters',
  'not-with-order': 'the service refuses this filter together with the sort',
  'not-with-search': 'the service allows nothing beside $search',
  'too-complex': 'the service refused it on this connection (InefficientFilter)',
  'search-index': 'the search index of the service decides',
  'widened': 'a wider range is sent and the rows are re-checked',
  'partial': 'only a part of the predicate goes down; the rows are re-checked',
  'computed': 'the column is computed by the driver',
  'walked': 'rows are collected by walking their parents',
  // order and limit
  'text-order': "the service's collation of text is not SQL's",
  'null-order': 'the service may place NULLs elsewhere',
  'order-not-offered': 'the service cannot sort by it',
  'not-all-exact': 'LIMIT goes down only when every predicate is exact',
  'order-is-local': 'LIMIT cannot go down without the order',
  'statement-shape': 'the statement combines rows before it limits them',
} as const;

export type Reason = keyof typeof REASONS;
