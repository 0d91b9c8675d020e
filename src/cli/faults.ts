/**
 * Owns: `--fault NAME=VALUE`: names and types as the sandbox has them, with did-you-mean.
 */
import type { Faults } from '../sandbox/index.js';
import { nearest, UsageError } from './arguments.js';

export function parseFaults(texts: readonly string[], defaults: Faults): Partial<Faults> {
  return Object.fromEntries(texts.map((text) => parseFault(text, defaults)));
}

function parseFault(text: string, defaults: Faults): [string, string | number | boolean | readonly string[]] {
  const [, name = '', value] = /^([^=]*)(?:=([^]*))?$/.exec(text) ?? [];
  if (!Object.hasOwn(defaults, name)) {
    const near = nearest(name, Object.keys(defaults));
    throw new UsageError(`there is no fault '${name}'; ${near === undefined ? `the faults are ${Object.keys(defaults).join(', ')}` : `did you mean ${near}?`}`);
  }
  const usual = defaults[name as keyof Faults];
  if (typeof usual === 'boolean') {
    // A bare name switches it on.
    if (value === undefined || value === 'true') return [name, true];
    if (value === 'false') return [name, false];
    throw new UsageError(`the fault ${name} takes true or false, not '${value}'`);
  }
  if (value === undefined || value === '') throw new UsageError(`--fault takes NAME=VALUE, and ${name} has no value`);
  if (typeof usual === 'number') {
    if (!/^\d+(\.\d+)?$/.test(value)) throw new UsageError(`the fault ${name} takes a number, not '${value}'`);
    return [name, Number(value)];
  }
  if (Array.isArray(usual)) return [name, value.split(',').map((part) => part.trim()).filter((part) => part !== '')];
  const choices = CHOICES[name];
  if (choices !== undefined && !choices.includes(value)) throw new UsageError(`the fault ${name} takes ${choices.join(' or ')}, not '${value}'`);
  return [name, value];
}

/** Of the faults that take a word. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  filterMode: ['strict', 'live'] satisfies Faults['filterMode'][],
  filteredOrder: ['oldest', 'newest'] satisfies Faults['filteredOrder'][],
  topTooLarge: ['clamp', 'refuse'] satisfies Faults['topTooLarge'][],
};
