/**
 * Owns: the switches that turn one rule of soundness off, so that a test can show that the rule is needed.
 * Does not own: the rules themselves; each is named where it is applied.
 * Invariants: every rule is on unless a test build says otherwise.
 */
export const SOUNDNESS_RULES = {
  outerJoinOn: 'ON of a LEFT JOIN restricts its right side only',
  rightFullOn: 'ON of a RIGHT JOIN restricts its left side only, ON of a FULL JOIN neither',
  nullSupplied: 'a null-supplied table takes only predicates that reject NULL',
  orArms: 'an OR goes down only if every arm does',
  negation: 'text is never compared with <> or NOT by the service',
  storageClass: 'a constant is pushed only against a column of its storage class',
  collate: 'a predicate with COLLATE is not pushed',
  likeEscape: 'ESCAPE decides what a wildcard is',
  globPattern: 'GLOB has wildcards of its own',
  isTrue: 'x IS TRUE is a truth test, not x = 1',
  nullTest: 'x IS NULL accepts NULL, x = NULL never holds',
  notInNull: 'the inner side of NOT IN is never restricted by the outer one: its NULLs decide',
  derivedBody: 'nothing goes into a derived table that aggregates, limits or windows its rows',
  setOperations: 'nothing goes into the arms of a set operation from outside',
  renamedColumns: 'columns of a derived table are followed by origin, not by name',
  cteTwice: 'nothing goes into a CTE that is used twice',
  limitAllExact: 'LIMIT goes down only if every conjunct is represented completely',
  limitShape: 'LIMIT goes down only if nothing between scan and limit changes the number of rows',
  correlated: 'a predicate restricts only tables of its own SELECT',
  aliasShadow: 'the innermost FROM item of a name wins',
  orderAlias: 'in ORDER BY a result alias wins over a column',
  severalReferences: 'a table referenced twice is restricted only by what holds for either reference',
  lookupSides: 'only the null-supplied side of an outer join may be looked up',
  unseenReference: 'a table that the skeleton does not show is read whole',
  pureFunctions: 'only functions on the list of pure ones are folded',
} as const;

export type SoundnessRule = keyof typeof SOUNDNESS_RULES;

/** `false` turns a rule off. */
export type SoundnessSwitches = { readonly [Rule in SoundnessRule]?: boolean };

export type Rules = (rule: SoundnessRule) => boolean;

export const rulesOf =
  (switches: SoundnessSwitches = {}): Rules =>
  (rule) =>
    switches[rule] !== false;
