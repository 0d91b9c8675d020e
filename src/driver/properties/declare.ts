/**
 * Owns: how a connection property is declared.
 * Does not own: the properties (connection-properties.ts and the lists beside).
 */
export type PropertyType = 'string' | 'boolean' | 'integer';
export type PropertyStatus = 'supported' | 'moot' | 'later';

export interface ConnectionProperty {
  readonly name: string;
  readonly category: string;
  readonly type: PropertyType;
  /** '' for none. */
  readonly default: string;
  /** Values known; those not offered in this version are in `laterValues`. */
  readonly values?: readonly string[];
  readonly laterValues?: readonly string[];
  readonly secret: boolean;
  readonly status: PropertyStatus;
  /** What it does; for `moot`, why it does nothing; for `later`, what would be needed. */
  readonly description: string;
  /** Other spellings, compared like names (without case, blanks and underscores). */
  readonly aliases: readonly string[];
}

export interface Extra {
  readonly type?: PropertyType;
  readonly default?: string;
  readonly values?: readonly string[];
  readonly laterValues?: readonly string[];
  readonly secret?: boolean;
  readonly aliases?: readonly string[];
}

const property = (status: PropertyStatus, category: string, name: string, description: string, extra: Extra = {}): ConnectionProperty => ({
  name,
  category,
  type: extra.type ?? 'string',
  default: extra.default ?? '',
  ...(extra.values === undefined ? {} : { values: extra.values }),
  ...(extra.laterValues === undefined ? {} : { laterValues: extra.laterValues }),
  secret: extra.secret ?? false,
  status,
  description,
  aliases: extra.aliases ?? [],
});

export const supported = (category: string, name: string, description: string, extra?: Extra): ConnectionProperty => property('supported', category, name, description, extra);
export const moot = (category: string, name: string, description: string, extra?: Extra): ConnectionProperty => property('moot', category, name, description, extra);
export const later = (category: string, name: string, description: string, extra?: Extra): ConnectionProperty => property('later', category, name, description, extra);

export const FLAG: Extra = { type: 'boolean', default: 'false' };
export const SECRET: Extra = { secret: true };
