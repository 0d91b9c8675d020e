/**
 * Owns: the shapes of a filter, sort, selection and expansion: as written (Syntax…) and with types (FilterNode …).
 * Does not own: reading and evaluating them.
 * Invariants: readonly data; `position` counts UTF-16 units from 0 in the option's decoded text.
 */
import type { EdmType } from './edm.js';

export type Operator = 'and' | 'or' | 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'has' | 'add' | 'sub' | 'mul' | 'div' | 'divby' | 'mod';

/** As written, before names are looked up. */
export type Syntax =
  | { readonly kind: 'literal'; readonly literal: 'string' | 'integer' | 'decimal' | 'date' | 'dateTime' | 'time' | 'guid' | 'duration' | 'boolean' | 'null'; readonly text: string; readonly position: number; readonly end: number }
  | { readonly kind: 'path'; readonly steps: readonly { readonly name: string; readonly position: number; readonly end: number }[]; readonly position: number; readonly end: number }
  | { readonly kind: 'lambda'; readonly source: Syntax & { readonly kind: 'path' }; readonly quantifier: 'any' | 'all'; readonly variable: string | undefined; readonly body: Syntax | undefined; readonly position: number; readonly end: number }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Syntax[]; readonly position: number; readonly end: number }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Syntax; readonly right: Syntax; readonly position: number; readonly end: number }
  | { readonly kind: 'in'; readonly operand: Syntax; readonly values: readonly Syntax[]; readonly position: number; readonly end: number }
  | { readonly kind: 'not' | 'negate'; readonly operand: Syntax; readonly position: number; readonly end: number };

/** What names mean while an expression is read. */
export interface Scope {
  /** Short name of the entity's type. */
  readonly type: string;
  readonly text: string;
  /** Element types of the lambda variables in sight. */
  readonly variables: ReadonlyMap<string, EdmType>;
}

export interface LiteralNode {
  readonly kind: 'literal';
  /** Date-times and dates as milliseconds since 1970 (plus a half if finer than one), enum members as the type table spells them. */
  readonly value: null | boolean | number | string;
  readonly type: EdmType | undefined;
  /** As written in the option. */
  readonly text: string;
  readonly position: number;
}

export interface PathNode {
  readonly kind: 'path';
  /** Property names as the type table spells them, without type casts; empty for the lambda variable itself and for `$it`. */
  readonly segments: readonly string[];
  /** The lambda variable the path starts from; undefined for the entity. */
  readonly variable: string | undefined;
  /** Derived types named in the path (`microsoft.graph.eventMessage/…`). */
  readonly casts: readonly string[];
  readonly type: EdmType;
  /** True for a text that is a moment: `dateTime` of a dateTimeTimeZone. */
  readonly moment: boolean;
  readonly position: number;
}

export interface LambdaNode {
  readonly kind: 'lambda';
  readonly quantifier: 'any' | 'all';
  readonly source: PathNode;
  readonly variable: string | undefined;
  /** Undefined for `any()`: true when the collection is not empty. */
  readonly body: FilterNode | undefined;
  readonly type: EdmType;
  readonly position: number;
}

export type FilterNode =
  | LiteralNode
  | PathNode
  | LambdaNode
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: FilterNode; readonly right: FilterNode; readonly type: EdmType; readonly position: number }
  | { readonly kind: 'in'; readonly operand: FilterNode; readonly values: readonly LiteralNode[]; readonly type: EdmType; readonly position: number }
  | { readonly kind: 'not' | 'negate'; readonly operand: FilterNode; readonly type: EdmType; readonly position: number }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly FilterNode[]; readonly type: EdmType; readonly position: number }
  /** `cast(x, Edm.T)`. */
  | { readonly kind: 'cast'; readonly operand: FilterNode; readonly type: EdmType; readonly position: number }
  /** `isof(x, T)`; `operand` undefined for the entity itself. */
  | { readonly kind: 'isof'; readonly operand: FilterNode | undefined; readonly target: string; readonly type: EdmType; readonly position: number };

export interface OrderByItem {
  readonly node: FilterNode;
  /** `from/emailAddress/name`; empty if the key is not a plain path. */
  readonly path: string;
  readonly descending: boolean;
}

export interface SelectItem {
  /** Property names as the type table spells them; `['*']` for all. */
  readonly path: readonly string[];
  /** The derived type the property is looked up on, full name. */
  readonly cast: string | undefined;
}

export interface ExpandItem {
  /** The navigation property, as the type table spells it. */
  readonly name: string;
  /** The derived type it belongs to, full name (`microsoft.graph.itemAttachment/item`). */
  readonly cast: string | undefined;
  /** Type of what is expanded. */
  readonly type: EdmType;
  readonly filter: FilterNode | undefined;
  readonly orderBy: readonly OrderByItem[];
  readonly select: readonly SelectItem[];
  readonly expand: readonly ExpandItem[];
  readonly top: number | undefined;
  readonly skip: number | undefined;
  readonly count: boolean | undefined;
  readonly levels: number | 'max' | undefined;
}
