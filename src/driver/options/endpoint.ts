/**
 * Owns: addresses given as properties: the root of Graph, and the sign-in service's where they are others than the cloud's.
 * Invariants: tokens and secrets travel over https, or http on this machine only.
 */
import { CLOUDS } from '../../auth/clouds.js';
import { isLoopback } from '../../http/origin.js';
import { bad, type Reader } from './reader.js';

/** Service root with version, without a trailing slash. */
export function graphEndpoint(reader: Reader): string {
  const cloudName = reader.choice('AzureEnvironment');
  const given = reader.text('GraphEndpoint');
  const cloud = CLOUDS.find(({ name }) => name === cloudName);
  if (given === undefined) return `${cloud?.graph ?? 'https://graph.microsoft.com'}/v1.0`;
  const hint = 'Give the root of the service with its version, e.g. https://graph.microsoft.com/v1.0.';
  if (!/^https?:\/\//i.test(given) || /[\s\\\u0000-\u001f\u007f]/.test(given) || !URL.canParse(given)) throw bad('GraphEndpoint is not an http or https address.', hint);
  const url = new URL(given);
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(given)) throw bad('GraphEndpoint must not hold a user name or a password.', hint);
  if (url.search !== '' || url.hash !== '') throw bad('GraphEndpoint must not have a query or a fragment.', hint);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw bad(`GraphEndpoint leads to ${url.host} over http: the access token would travel unencrypted.`, 'Use https. Plain http is allowed only for a server on this machine (localhost).');
  }
  if (reader.text('AzureEnvironment') !== undefined && cloud !== undefined && url.origin !== cloud.graph && !isLoopback(url.hostname)) {
    throw bad(`GraphEndpoint (${url.origin}) does not belong to AzureEnvironment=${cloud.name} (${cloud.graph}).`, 'Give one of the two.');
  }
  const path = url.pathname.replace(/\/+$/, '');
  // The bare host of the service is meant as its current version.
  return `${url.origin}${path === '' ? '/v1.0' : path}`;
}

/** An address of the sign-in service. `secret` is what would travel there. */
export function signInAddress(reader: Reader, name: string, secret: string): string | undefined {
  const text = reader.text(name);
  if (text === undefined) return undefined;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) throw bad(`${name} is not an http or https address.`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw bad(`${name} must not hold a user name or a password.`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw bad(`${name} leads to ${url.host} over http: the ${secret} would travel unencrypted.`, 'Use https. Plain http is allowed only for a server on this machine (localhost).');
  }
  return url.href;
}

