/**
 * Owns: which addresses bytes of an upload session may be sent to.
 * Does not own: sending them.
 * Invariants: an address of another machine is https and a host of the same vendor's cloud; nothing else is trusted on the
 * service's word alone.
 */
import { ExchangeSqlError } from '../errors.js';
import { isOnOrigin, originOf } from '../http/origin.js';

/** Where the clouds of Microsoft keep mail and files (facts 11; upload addresses are Outlook's and SharePoint's own). */
const CLOUD_HOSTS = /(?:^|\.)(?:graph\.microsoft\.(?:com|us)|microsoftgraph\.chinacloudapi\.cn|outlook\.office(?:365)?\.(?:com|us)|outlook\.office365\.us|partner\.outlook\.cn|sharepoint(?:-mil)?\.(?:com|us|cn)|1drv\.com)$/i;
const CLOUDS = /^https:\/\/(?:[a-z0-9-]+\.)*(?:graph\.microsoft\.(?:com|us|de)|microsoftgraph\.chinacloudapi\.cn)$/i;

/** True for the connection's own origin, and for the cloud's Exchange and SharePoint hosts where the connection is to that cloud. */
export function isUploadAddress(url: string, origin: string): boolean {
  if (isOnOrigin(url, origin)) return true;
  if (!CLOUDS.test(origin.replace('https://dod-graph.', 'https://graph.')) || !URL.canParse(url)) return false;
  const { protocol, hostname, origin: own } = new URL(url);
  return protocol === 'https:' && CLOUD_HOSTS.test(hostname) && isOnOrigin(url, own);
}

/** The error for an address that nothing is sent to. */
export function foreignUpload(url: string, origin: string): ExchangeSqlError {
  return new ExchangeSqlError('BAD_RESPONSE', `The service named ${originOf(url)} as the address of an upload, which ${origin} is not known to use; nothing was sent there.`, {
    hint: 'Uploads go to the origin of GraphEndpoint or, for the clouds of Microsoft, to their Exchange and SharePoint hosts.',
  });
}
