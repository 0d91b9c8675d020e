/**
 * A reader of the published CSDL, for the comparison test only: types with their own and inherited properties.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../../../../shared/reference/graph/metadata.csdl.xml', import.meta.url));

export interface CsdlProperty {
  readonly name: string;
  /** `Edm.String`, `recipient`, `Collection(recipient)`. */
  readonly type: string;
  readonly nullable: boolean;
}

export interface Csdl {
  /** Own and inherited properties; undefined for an unknown type. */
  properties(type: string): readonly CsdlProperty[] | undefined;
  enumeration(type: string): readonly string[] | undefined;
}

/** The CSDL beside the repository, or undefined where it is absent. */
export function readCsdl(): Csdl | undefined {
  if (!existsSync(FILE)) return undefined;
  const xml = readFileSync(FILE, 'utf8');
  const start = xml.indexOf('<Schema Namespace="microsoft.graph"');
  const schema = xml.slice(start, xml.indexOf('</Schema>', start));
  const types = new Map<string, { base: string | undefined; own: CsdlProperty[] }>();
  const enumerations = new Map<string, string[]>();
  const plain = (type: string): string => type.replace('microsoft.graph.', '').replace('graph.', '');
  for (const [, tag, attributes = '', body = ''] of schema.matchAll(/<(EntityType|ComplexType|EnumType) ([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/g)) {
    const name = /\bName="([^"]+)"/.exec(attributes)?.[1] ?? '';
    if (tag === 'EnumType') {
      enumerations.set(name, [...body.matchAll(/<Member Name="([^"]+)"/g)].map((match) => match[1] ?? ''));
      continue;
    }
    const base = /\bBaseType="([^"]+)"/.exec(attributes)?.[1];
    const own = [...body.matchAll(/<Property ([^>]*?)\/?>/g)].map(([, text = '']) => ({
      name: /\bName="([^"]+)"/.exec(text)?.[1] ?? '',
      type: plain(/\bType="([^"]+)"/.exec(text)?.[1] ?? ''),
      nullable: !/\bNullable="false"/.test(text),
    }));
    types.set(name, { base: base === undefined ? undefined : plain(base), own });
  }
  const properties = (type: string): readonly CsdlProperty[] | undefined => {
    const found = types.get(type);
    if (found === undefined) return undefined;
    return [...(found.base === undefined ? [] : (properties(found.base) ?? [])), ...found.own];
  };
  return { properties, enumeration: (type) => enumerations.get(type) };
}
