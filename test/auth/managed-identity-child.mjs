/** One process for each source of managed identities: msal keeps the source it found for the life of a process. */
const { dist, properties } = JSON.parse(process.argv[2]);
const { createCredential } = await import(`${dist}/auth/create-credential.js`);
const { resolveOptions } = await import(`${dist}/driver/connection-options.js`);
const { HttpTransport } = await import(`${dist}/http/transport.js`);

const transport = new HttpTransport();
const credential = createCredential(resolveOptions({ AuthScheme: 'AzureMSI', UserId: 'ann@contoso.example', ...properties }).credential, 'https://graph.microsoft.com', transport, { throttleBaseMs: 5, resetBaseMs: 5 });
let said;
try {
  const values = await Promise.all([1, 2, 3].map(() => credential.authorization(undefined)));
  said = { value: values[0], same: new Set(values).size === 1, key: credential.applicationKey };
} catch (error) {
  said = { code: error.code, message: error.message, hint: error.hint };
}
await transport.close();
process.stdout.write(JSON.stringify(said));
