/**
 * Owns: the service's error answers, with the texts of the real one (facts section 5).
 * Does not own: OData syntax errors (odata/ raises those).
 * Invariants: every refusal of the sandbox is one of these; nothing else reaches a client.
 */
export class GraphError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const itemNotFound = (): GraphError => new GraphError(404, 'ErrorItemNotFound', 'The specified object was not found in the store., The process failed to get the correct properties.');
export const idMalformed = (): GraphError => new GraphError(400, 'ErrorInvalidIdMalformed', 'Id is malformed.');
export const resourceNotFound = (): GraphError => new GraphError(404, 'ResourceNotFound', 'Resource could not be discovered.');
export const directoryNotFound = (id: string): GraphError =>
  new GraphError(404, 'Request_ResourceNotFound', `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`);
export const invalidUser = (name: string): GraphError => new GraphError(404, 'ErrorInvalidUser', `The requested user '${name}' is invalid.`);
export const noMailbox = (): GraphError =>
  new GraphError(404, 'MailboxNotEnabledForRESTAPI', 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.');
export const methodNotAllowed = (): GraphError => new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
export const inefficientFilter = (): GraphError => new GraphError(400, 'InefficientFilter', 'The restriction or sort order is too complex for this operation.');
export const invalidFilter = (): GraphError => new GraphError(400, 'ErrorInvalidUrlQueryFilter', 'The query filter contains one or more invalid nodes.');
export const badRequest = (message: string): GraphError => new GraphError(400, 'BadRequest', message);
export const accessDenied = (): GraphError => new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
export const expandNotSupported = (name: string): GraphError =>
  new GraphError(400, 'ExpandNotSupported', `Expand is not allowed for property '${name}' according to the entity schema.`);
export const noSuchProperty = (name: string, type: string): GraphError =>
  new GraphError(400, 'BadRequest', `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`);
/** Stale If-Match (412), or a write that met another one. */
export const irresolvableConflict = (status: 409 | 412 = 412): GraphError => new GraphError(
  status, 'ErrorIrresolvableConflict', 'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
);
export const invalidChangeKey = (): GraphError => new GraphError(400, 'ErrorInvalidChangeKey', 'The change key is invalid.');
/** Larger content goes through an upload session. */
const REQUEST_LIMIT = 4 * 1024 * 1024;

/** Throws 413 for a body Graph does not take in one request, a whole $batch included. */
export function checkLength(bytes: Uint8Array): void {
  if (bytes.byteLength > REQUEST_LIMIT) throw new GraphError(413, 'BadRequest', 'Maximum request length exceeded.');
}
