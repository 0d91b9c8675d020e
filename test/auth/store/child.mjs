/** A process of test/auth/store/processes.test.ts: renews a stored sign-in, or holds the store's lock until it is killed. */
const { dist, properties, location, rounds, hold } = JSON.parse(process.argv[2]);
const { createCredential } = await import(`${dist}/auth/create-credential.js`);
const { openStore } = await import(`${dist}/auth/store/index.js`);
const { resolveOptions } = await import(`${dist}/driver/connection-options.js`);
const { HttpTransport } = await import(`${dist}/http/transport.js`);

if (hold === true) {
  await openStore(location).update('anything', async () => {
    process.stdout.write('holding\n');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
}
const transport = new HttpTransport();
const credential = createCredential(resolveOptions(properties).credential, 'https://graph.microsoft.com', transport);
let value = await credential.authorization(undefined);
const seen = new Set([value]);
for (let round = 0; round < rounds; round += 1) seen.add((value = await credential.authorization(undefined, value)));
await transport.close();
process.stdout.write(`${JSON.stringify({ tokens: seen.size })}\n`);
