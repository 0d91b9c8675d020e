/**
 * Owns: the refusals of query options, with the service's texts (those of Microsoft's OData library; facts section 5).
 * Does not own: the error body around them.
 * Invariants: positions count UTF-16 units from 0 in the option's decoded text.
 */
export class OdataError extends Error {
  override readonly name = 'OdataError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const bad = (message: string): OdataError => new OdataError(400, 'BadRequest', message);

export const syntaxError = (position: number, text: string): OdataError => bad(`Syntax error at position ${position} in '${text}'.`);
export const invalidCharacter = (character: string, position: number, text: string): OdataError =>
  bad(`Syntax error: character '${character}' is not valid at position ${position} in '${text}'.`);
export const unterminatedString = (position: number, text: string): OdataError =>
  bad(`There is an unterminated string literal at position ${position} in '${text}'.`);
export const expressionExpected = (position: number, text: string): OdataError => bad(`Expression expected at position ${position} in '${text}'.`);
export const closeExpected = (position: number, text: string): OdataError => bad(`')' or ',' expected at position ${position} in '${text}'.`);
export const badLiteral = (type: string, literal: string, position: number, text: string): OdataError =>
  bad(`Unrecognized '${type}' literal '${literal}' at '${position}' in '${text}'.`);
export const unknownProperty = (name: string, type: string): OdataError =>
  bad(`Could not find a property named '${name}' on type '${type}'.`);
export const incompatibleTypes = (left: string, right: string, operator: string): OdataError =>
  bad(`A binary operator with incompatible types was detected. Found operand types '${left}' and '${right}' for operator kind '${operator}'.`);
export const unknownFunction = (name: string): OdataError =>
  bad(`An unknown function with name '${name}' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed.`);
export const wrongArguments = (name: string, signatures: string): OdataError =>
  bad(`No function signature for the function with name '${name}' matches the specified arguments. The function signatures considered are: ${signatures}.`);
export const notCollection = (): OdataError => bad('Any/All may only be used following a collection.');
export const badEnumValue = (text: string): OdataError => bad(`The string '${text}' is not a valid enumeration type constant.`);
export const filterNotBoolean = (): OdataError => bad('The $filter expression must evaluate to a single boolean value.');
export const orderByNotPrimitive = (): OdataError => bad('The $orderby expression must evaluate to a single value of primitive type.');
export const badCast = (type: string): OdataError =>
  bad(`The child type '${type}' in a cast was not an entity type. Casts can only be performed on entity types.`);
export const notExpandable = (name: string, type: string): OdataError =>
  selectAndExpand(`Property '${name}' on type '${type}' is not a navigation property or complex property. Only navigation properties can be expanded.`);
export const badNumber = (value: string, option: string): OdataError =>
  bad(`Invalid value '${value}' for ${option} query option found. The ${option} query option requires a non-negative integer value.`);

/** `$select` and `$expand` errors carry this prefix. */
export function selectAndExpand(message: string): OdataError {
  return bad(`Parsing OData Select and Expand failed: ${message}`);
}

/** For the server's own rules: a well-formed filter that this collection does not take (facts 1.1, `endswith`, recipients `any`). */
export const invalidNodes = (): OdataError => new OdataError(400, 'ErrorInvalidUrlQueryFilter', 'The query filter contains one or more invalid nodes.');
