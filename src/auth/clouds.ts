/** Graph roots and sign-in services of the national clouds. Source: facts 11. */
export interface Cloud {
  readonly name: string;
  readonly graph: string;
  readonly authority: string;
}

export const CLOUDS: readonly Cloud[] = [
  { name: 'GLOBAL', graph: 'https://graph.microsoft.com', authority: 'https://login.microsoftonline.com' },
  { name: 'USGOVT', graph: 'https://graph.microsoft.us', authority: 'https://login.microsoftonline.us' },
  { name: 'USGOVTDOD', graph: 'https://dod-graph.microsoft.us', authority: 'https://login.microsoftonline.us' },
  { name: 'CHINA', graph: 'https://microsoftgraph.chinacloudapi.cn', authority: 'https://login.partner.microsoftonline.cn' },
];

/** The sign-in service for a Graph origin; undefined for an origin that belongs to no cloud (a sandbox). */
export function authorityOf(graphOrigin: string): string | undefined {
  return CLOUDS.find((cloud) => cloud.graph === graphOrigin)?.authority;
}
