import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { mailedLink, removeMails } from "./server";

export type Where = { url: string; platformKey: string; data: string };
export type Answer<T = Record<string, unknown>> = { status: number; body: T; position: string | null; etag: string | null };

/** One request to the API. */
export async function call<T = any>(where: { url: string }, method: string, path: string, o: { headers?: Record<string, string>; body?: unknown } = {}): Promise<Answer<T> & { cookies: string[] }> {
  for (let n = 0; ; n++) {
    const r = await fetch(where.url + path, { method, headers: { ...(o.body === undefined ? {} : { "Content-Type": "application/json" }), ...o.headers }, body: o.body === undefined ? undefined : JSON.stringify(o.body) });
    if (r.status === 503 && n < 20) {
      await pause(500);
      continue;
    }
    const text = await r.text();
    const json = /json/.test(r.headers.get("Content-Type") ?? "");
    return { status: r.status, body: (json ? JSON.parse(text) : text) as T, position: r.headers.get("Outrider-Position"), etag: r.headers.get("ETag"), cookies: r.headers.getSetCookie() };
  }
}

async function must<T = any>(where: { url: string }, method: string, path: string, o: Parameters<typeof call>[3]): Promise<Answer<T> & { cookies: string[] }> {
  const a = await call<T>(where, method, path, o);
  if (a.status >= 300) throw new Error(`${method} ${path} answered ${a.status}: ${JSON.stringify(a.body)}`);
  return a;
}

/** Somebody who has signed in: their cookies, and the API as they may use it. */
export type Person = {
  email: string;
  password: string;
  org: string;
  cookies: { name: string; value: string; url: string; httpOnly: boolean; secure: boolean; sameSite: "Lax" }[];
  api: <T = any>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer<T>>;
};

export type Organization = { id: string; slug: string; name: string; owner: Person; invite: (role: string) => Promise<Person>; /** Lets somebody of another organisation in here, too. */ admit: (person: Person, role?: string) => Promise<void> };

let made = 0;

/** Makes an organisation of its own for a test, with its owner: by the platform's key, an invitation and the link in its mail. */
export async function makeOrganization(where: Where, o: { name?: string; plan?: string; postal_address?: string } = {}): Promise<Organization> {
  const platform = { Authorization: "Bearer " + where.platformKey };
  const slug = `t-${Date.now().toString(36)}-${process.pid.toString(36)}-${++made}`;
  const name = o.name ?? "Acme " + made;
  const org = await must(where, "POST", "/v1/organizations", { headers: platform, body: { slug, name, plan: o.plan ?? "enterprise", time_zone: "Europe/Berlin", ...(o.postal_address ? { postal_address: o.postal_address } : {}) } });
  const id: string = org.body.id;
  const key = await makeKey(where, id, org.position, (ownerScopes ??= await readOwnerScopes(where, id, org.position)));
  const send = async (email: string, role: string) => {
    await must(where, "POST", "/v1/invitations", { headers: { Authorization: "Bearer " + key.body.token, "Outrider-Position": key.position ?? "" }, body: { email, role } });
    return tokenOf(await linkTo(where, email));
  };
  const invite = async (role: string) => {
    const email = `${role}-${slug}-${++made}@example.com`;
    const token = await send(email, role);
    const password = randomUUID();
    const accepted = await must(where, "POST", "/v1/auth/accept-invitation", { body: { token, password, first_name: "Ann", last_name: "Example" } });
    return personOf(where, id, email, password, accepted.cookies);
  };
  const admit = async (person: Person, role = "admin") => {
    removeMails(where.data, person.email); // the mail of their first invitation
    const a = await person.api("POST", "/v1/auth/accept-invitation", { token: await send(person.email, role) });
    if (a.status >= 300) throw new Error(`accepting answered ${a.status}: ${JSON.stringify(a.body)}`);
  };
  return { id, slug, name, owner: await invite("owner"), invite, admit };
}

let ownerScopes: string[] | undefined;

// Who invites an owner must have all that an owner has; the roles say what that is.
async function readOwnerScopes(where: Where, org: string, position: string | null): Promise<string[]> {
  const key = await makeKey(where, org, position, ["members:read"]);
  const roles = await must<{ data: { name: string; permissions: string[] }[] }>(where, "GET", "/v1/roles", { headers: { Authorization: "Bearer " + key.body.token, "Outrider-Position": key.position ?? "" } });
  return roles.body.data.find((r) => r.name === "owner")!.permissions;
}

const makeKey = (where: Where, organization_id: string, position: string | null, scopes: string[]) =>
  must(where, "POST", "/v1/api-keys", { headers: { Authorization: "Bearer " + where.platformKey, "Outrider-Position": position ?? "" }, body: { organization_id, name: "tests", scopes } });

const tokenOf = (link: string) => link.slice(link.indexOf("#") + 1);

/** Waits until there is a mail with a link. */
export async function linkTo(where: Where, email: string): Promise<string> {
  for (let n = 0; n < 600; n++) {
    const link = mailedLink(where.data, email);
    if (link) return link;
    await pause(50);
  }
  throw new Error("no mail came to " + email);
}

export function personOf(where: Where, org: string, email: string, password: string, setCookies: string[]): Person {
  const cookies = setCookies.map((c) => {
    const [pair = "", ...flags] = c.split("; ");
    const eq = pair.indexOf("=");
    return { name: pair.slice(0, eq), value: pair.slice(eq + 1), url: where.url, httpOnly: flags.some((f) => /^httponly$/i.test(f)), secure: true, sameSite: "Lax" as const };
  });
  const csrf = cookies.find((c) => c.name === "outrider_csrf")?.value ?? "";
  return {
    email,
    password,
    org,
    cookies,
    api: (method, path, body, headers) =>
      call(where, method, path, {
        body,
        headers: {
          Cookie: cookies.map((c) => c.name + "=" + c.value).join("; "),
          "Outrider-Organization": org,
          ...(method === "GET" ? {} : { "X-CSRF-Token": csrf, "Idempotency-Key": randomUUID() }),
          ...headers,
        },
      }),
  };
}
