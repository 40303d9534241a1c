// An OpenID provider that others have written, for make test-oidc: one client, people whose password nobody asks for. It says on which port it
// listens, and ends with its standard input.
import Provider from 'oidc-provider';

const { ISSUER, REDIRECT_URI, CLIENT_SECRET } = process.env;

const provider = new Provider(ISSUER, {
  clients: [{ client_id: 'outrider', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI], response_types: ['code'], grant_types: ['authorization_code'] }],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  claims: { email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
  conformIdTokenClaims: false, // names and addresses stand in ID tokens
  cookies: { keys: ['a key of a test'] },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: id !== 'eve', given_name: id, family_name: 'Example' }),
  }),
});

const server = provider.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('close', () => process.exit()).resume();
