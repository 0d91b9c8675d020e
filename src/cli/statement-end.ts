/**
 * Owns: whether typed text ends with a statement's semicolon, outside strings, quoted names and comments.
 */
const PART = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|['"`]|\[|\/\*|;|[^'"`[;/-]+|[/-]/g;

export function endsStatement(text: string): boolean {
  let ended = false;
  for (const [part] of text.matchAll(PART)) {
    if (part === "'" || part === '"' || part === '`' || part === '[' || part === '/*') return false; // still open
    if (part === ';') ended = true;
    else if (!part.startsWith('--') && !(part.startsWith('/*') && part.endsWith('*/')) && part.trim() !== '') ended = false;
  }
  return ended;
}
