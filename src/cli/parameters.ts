/**
 * Owns: `--param` values: `VALUE` for the next positional parameter, `name=VALUE` for a named one.
 */
import { UsageError } from './arguments.js';

type ParameterValue = string | number | bigint | boolean | null;

/** All positional gives an array, all named an object. */
export function parameterValues(texts: readonly string[]): ParameterValue[] | Record<string, ParameterValue> {
  const named: Record<string, ParameterValue> = {};
  const positional: ParameterValue[] = [];
  for (const text of texts) {
    const match = /^[@:$]?([A-Za-z_]\w*)=(.*)$/s.exec(text);
    if (match === null) positional.push(value(text));
    else named[match[1]!] = value(match[2]!);
  }
  if (positional.length > 0 && Object.keys(named).length > 0) throw new UsageError('give all parameters by name or all by position');
  return positional.length > 0 ? positional : Object.keys(named).length > 0 ? named : [];
}

function value(text: string): ParameterValue {
  const quoted = /^'(.*)'$/s.exec(text);
  if (quoted !== null) return quoted[1]!.replaceAll("''", "'");
  if (text === 'null') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?(0|[1-9]\d*)$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
  if (/^-?\d+\.\d+$/.test(text)) return Number(text);
  return text;
}
