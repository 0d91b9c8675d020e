/**
 * Owns: addresses of drive items by path: `root:/a/b.txt:/content`, `items/{id}:/a/b.txt:/children`.
 * Does not own: what is there.
 * Invariants: a path ends at the segment that ends in a colon, or at the end; what follows is the tail.
 */
export interface DriveAddress {
  /** `root`, or the id of the folder the path starts in. */
  readonly base: string;
  readonly path: readonly string[];
  /** `content`, `children`, `createUploadSession`, or empty. */
  readonly tail: string;
}

/** Undefined: not an address by path. `segments` begin with `drive`. */
export function driveAddress(segments: readonly string[]): DriveAddress | undefined {
  const start = segments[1] === 'root:' ? 2 : segments[1] === 'items' && segments[2]?.endsWith(':') === true ? 3 : 0;
  if (segments[0] !== 'drive' || start === 0) return undefined;
  const base = start === 2 ? 'root' : segments[2]!.slice(0, -1);
  const rest = segments.slice(start);
  const end = rest.findIndex((segment) => segment.endsWith(':'));
  if (end < 0) return { base, path: rest, tail: '' };
  const path = [...rest.slice(0, end), rest[end]!.slice(0, -1)].filter((name) => name !== '');
  return { base, path, tail: rest.slice(end + 1).join('/').replace(/^microsoft\.graph\./, '') };
}
