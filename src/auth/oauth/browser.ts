/**
 * Owns: opening the user's browser.
 * Invariants: the address is an argument of a program, never part of a shell's command line.
 */
import { spawn } from 'node:child_process';

/** @returns false where no browser could be started. */
export function openBrowser(url: string): Promise<boolean> {
  const [command, args]: [string, string[]] = process.platform === 'darwin' ? ['open', [url]] : process.platform === 'win32' ? ['rundll32', ['url.dll,FileProtocolHandler', url]] : ['xdg-open', [url]];
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
