// Judges session tokens as Clerk's own library does: a token a line on standard input, a line of JSON for each on standard output.
// KEY is the public key (PEM), PARTIES are who may have asked for a token.
import { createInterface } from 'node:readline';
import { verifyToken } from '@clerk/backend';

const { KEY, PARTIES } = process.env;

for await (const token of createInterface({ input: process.stdin })) {
  try {
    const { sub } = await verifyToken(token, { jwtKey: KEY, authorizedParties: PARTIES.split(' ') });
    console.log(JSON.stringify({ subject: sub ?? '' }));
  } catch (e) {
    console.log(JSON.stringify({ refused: e.reason ?? String(e) }));
  }
}
