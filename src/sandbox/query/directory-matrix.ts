/**
 * Owns: which operators of $filter the directory takes per property: as they are, only as an advanced query, or not at all.
 * Does not own: the check (directory-rules.ts).
 * Invariants: derived from Microsoft's table of filter support on directory objects; columns eq, ne, not, ge, le, in, startswith,
 * null; `d` default, `a` advanced, `-` never.
 */
const TABLE = 'accountEnabled:daa--d-- ageGroup:daa--d-- alternativeNames:d-add-d- alternativeSecurityIds:a-aaa--- applicationTemplateId:daa---a- ' +
  'appOwnerOrganizationId:aaaaa--- appRoleAssignmentRequired:aaa----- approximateLastSignInDateTime:daadd--a assignedLicenses:d-aaa--- ' +
  'assignedPlans:a-aaa--- businessPhones:a-aaa-a- city:daadddda classification:daadd-d- companyName:aaaaaaaa consentProvidedForMinor:daa--d-- ' +
  'country:daadddda createdDateTime:daadda-a creationType:daa--d-- customerId:d--dd--- defaultDomainName:d--dd-d- deletedDateTime:daadda-- ' +
  'department:daadddda description:aaaaa-a- deviceId:daa---a- disabledByMicrosoftStatus:daa----- displayName:daadddda employeeHireDate:aaaaaa-- ' +
  'employeeId:daadddda employeeOrgData:aaaaaa-- employeeType:aaaaaaa- expirationDateTime:aaaaaa-- externalUserState:daa----- faxNumber:aaaaaaaa ' +
  'givenName:daadddda groupTypes:d-d----- hasMembersWithLicenseErrors:d------d id:daa--d-- identifierUris:da-dd-d- identities:d------d imAddresses:d-add-d- info:aaaaa--a ' +
  'infoCatalogs:d-add-d- isAssignableToRole:daa----- isCompliant:daa----- isManaged:daa----- isResourceAccount:daa----- jobTitle:daadddda ' +
  'keyCredentials:a-aaa--- mail:daadddda mailEnabled:daa----- mailNickname:daadddda mdmAppId:daa---a- membershipRule:daadd-d- mobilePhone:aaaaaaaa ' +
  'officeLocation:aaaaaaaa onPremisesExtensionAttributes:aaaaaa-a onPremisesImmutableId:daadddd- onPremisesLastSyncDateTime:daaddd-- ' +
  'onPremisesProvisioningErrors:d-aaa--- onPremisesSamAccountName:aaaaaaa- onPremisesSecurityIdentifier:-------a onPremisesSyncEnabled:daa--d-- ' +
  'onPremisesUserPrincipalName:daadddd- operatingSystem:daadd-da operatingSystemVersion:daadd-da otherMails:d-adddd- passwordPolicies:-aa----a ' +
  'passwordProfile:aaa--a-a physicalIds:d-add-d- postalCode:aaaaaaaa preferredLanguage:aaaaaaaa provisionedPlans:a-aaa--- proxyAddresses:d-add-d- ' +
  'publisherDomain:da-dd-d- renewedDateTime:daaddd-- requiredResourceAccess:a-aaa--- roleTemplateId:daa---a- securityEnabled:daa--d-- ' +
  'servicePrincipalNames:d-add-d- showInAddressList:aaa--a-- signInActivity:daadd--- signInAudience:daa--d-- state:daadddda street:-------- ' +
  'streetAddress:aaaaaaaa surname:daadddda tags:d-add-d- usageLocation:daadddda userPrincipalName:daadddd- userType:daa--d-a';

export const OPERATORS = ['eq', 'ne', 'not', 'ge', 'le', 'in', 'startswith', 'null'] as const;
export type DirectoryOperator = (typeof OPERATORS)[number];
export type Support = 'default' | 'advanced' | 'never';

const MATRIX: ReadonlyMap<string, string> = new Map(TABLE.split(' ').map((entry) => entry.split(':') as [string, string]));

export function supportOf(property: string, operator: DirectoryOperator): Support {
  const code = MATRIX.get(property)?.charAt(OPERATORS.indexOf(operator));
  return code === 'd' ? 'default' : code === 'a' ? 'advanced' : 'never';
}
