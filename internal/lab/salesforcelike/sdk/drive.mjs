// jsforce works with the stand-in. One line of JSON says what it saw.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

const jsforce = createRequire(process.env.SALESFORCELIKE_MODULES + "/")("jsforce");
const url = process.env.SALESFORCELIKE_URL;
const key = "Outrider_ID__c";

// sign in with PKCE, as a browser does
const oauth2 = new jsforce.OAuth2({ loginUrl: url, clientId: "client", clientSecret: "secret", redirectUri: "https://ours.test/callback", useVerifier: true });
const went = await fetch(oauth2.getAuthorizationUrl({ scope: "api id refresh_token", state: "s1" }), { redirect: "manual" });
const back = new URL(went.headers.get("location"));
let refreshes = 0;
const signIn = new jsforce.Connection({ oauth2 });
await signIn.authorize(back.searchParams.get("code"));
const first = signIn.refreshToken;
const conn = new jsforce.Connection({ oauth2, instanceUrl: signIn.instanceUrl, accessToken: "00Dxx!ended", refreshToken: first, version: "62.0" });
conn.on("refresh", () => refreshes++);

const identity = await conn.request({ url: url + "/services/oauth2/userinfo", method: "GET" });
const described = await conn.sobject("Lead").describe();
const made = await conn.sobject("Lead").upsert({ [key]: "l1", LastName: "Lee", Company: "Acme", Email: "ann@example.com" }, key);
const again = await conn.sobject("Lead").upsert({ [key]: "l1", Title: "CTO" }, key);
const several = await conn.sobject("Lead").create([{ [key]: "l2", LastName: "A", Company: "B" }, { [key]: "l2", LastName: "A2", Company: "B" }]);
let severalSays = "";
try {
  await conn.sobject("Lead").upsert({ [key]: "l2", Title: "?" }, key);
} catch (e) {
  severalSays = e.errorCode;
}
const collection = await conn.request({
  method: "PATCH",
  url: `/services/data/v62.0/composite/sobjects/Lead/${key}`,
  body: JSON.stringify({ allOrNone: false, records: [{ attributes: { type: "Lead" }, [key]: "l3", LastName: "C", Company: "D" }, { attributes: { type: "Lead" }, [key]: "l4" }, { attributes: { type: "Lead" }, [key]: "l2", Title: "x" }] }),
  headers: { "content-type": "application/json", "Sforce-Duplicate-Rule-Header": "allowSave=true" },
});
const updated = await conn.sobject("Lead").update([{ Id: made.id, HasOptedOutOfEmail: true }, { Id: "00Q000000000000000", Title: "nobody" }]);
const task = await conn.sobject("Task").upsert({ [key]: "sent:1", WhoId: made.id, Subject: "Email", Status: "Completed", TaskSubtype: "Email" }, key);
const found = await conn.query(`SELECT Id, Email, HasOptedOutOfEmail, SystemModstamp, Owner.Name FROM Lead WHERE Email IN ('ann@example.com', 'nob\\'ody@example.com') AND IsConverted = false ORDER BY SystemModstamp, Id LIMIT 10`);
const all = await conn.query("SELECT Id FROM Lead WHERE LastName != null ORDER BY Id").execute({ autoFetch: true, maxFetch: 100 });
const tasks = await conn.sobject("Task").find({ WhoId: made.id }, ["Id", "Subject", key]);
const view = await conn.request("/services/data/v62.0/sobjects/Lead/listviews/00Bxx01/describe");
const listed = await conn.query(view.query);
let refused = "";
try {
  await conn.query("SELECT Nothing FROM Lead");
} catch (e) {
  refused = e.errorCode;
}
let blank = "";
try {
  await conn.sobject("Lead").create({ Email: "x@example.com" });
} catch (e) {
  blank = e.errorCode;
}
const gone = await conn.sobject("Lead").destroy(several[0].id);

console.log(
  JSON.stringify({
    challenge: createHash("sha256").update(oauth2.codeVerifier).digest("base64url") === new URL(oauth2.getAuthorizationUrl({})).searchParams.get("code_challenge"),
    refreshed: refreshes,
    organization: identity.organization_id,
    external: described.fields.find((f) => f.name === key).externalId,
    made: [made.success, made.created],
    again: [again.success, again.created, again.id === made.id],
    severalSays,
    collection: collection.map((r) => (r.success ? "ok" : r.errors[0].statusCode)),
    updated: updated.map((r) => (r.success ? "ok" : r.errors[0].statusCode)),
    task: task.success,
    found: found.records.map((r) => [r.Email, r.HasOptedOutOfEmail]),
    all: all.records ? all.records.length : all.length,
    tasks: tasks.map((t) => t[key]),
    listed: listed.totalSize,
    refused,
    blank,
    gone: gone.success,
    usage: conn.limitInfo.apiUsage.limit,
  }),
);
