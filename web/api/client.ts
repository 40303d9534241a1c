import createClient, { type Middleware } from "openapi-fetch";
import { organization, notePosition, positionOf } from "./organization";
import { isProblem, ProblemError, unreachable } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

const safe = new Set(["GET", "HEAD", "OPTIONS"]);

function cookie(name: string): string {
  return document.cookie.split("; ").find((c) => c.startsWith(name + "="))?.slice(name.length + 1) ?? "";
}

// One organisation a tab: the cookie says who asks, the header for which organisation. Writes carry what another site can't know and a key
// by which the server knows a repeat; reads wait until what this tab has written, or heard of, is in the read model.
const headers: Middleware = {
  onRequest({ request }) {
    const org = organization();
    if (org) request.headers.set("Outrider-Organization", org);
    if (!safe.has(request.method)) {
      request.headers.set("X-CSRF-Token", cookie("outrider_csrf"));
      if (!request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", crypto.randomUUID());
    } else if (org && !request.headers.has("Outrider-Position")) {
      const position = positionOf(org);
      if (position) request.headers.set("Outrider-Position", position);
    }
    return request;
  },
  async onResponse({ request, response }) {
    const position = response.headers.get("Outrider-Position");
    if (!position) return response;
    // Who signs up or joins gets the position of an organisation that this tab doesn't show yet.
    const org = new URL(request.url).pathname.startsWith("/v1/auth/") ? (await response.clone().json()).organization_id : organization();
    if (org) notePosition(org, position);
    return response;
  },
};

let signedOut = () => {};

/** Says what to do when nobody is signed in any more. */
export function onSignedOut(do_: () => void) {
  signedOut = do_;
}

/** Renews the sign-in of this browser: one tab at a time, and the others find it done. */
export async function renew(): Promise<boolean> {
  const before = cookie("outrider_csrf");
  const ask = async () => {
    const now = cookie("outrider_csrf");
    if (now && now !== before) return true;
    const r = await fetch("/v1/auth/refresh", { method: "POST", headers: { "X-CSRF-Token": now, "Content-Type": "application/json" } });
    return r.ok;
  };
  return navigator.locks ? navigator.locks.request("outrider.refresh", ask) : ask();
}

/** fetch, which renews the sign-in once when it has ended. */
export async function fetchSignedIn(input: Request): Promise<Response> {
  const again = input.clone();
  const first = await fetch(input);
  if (first.status !== 401 || new URL(input.url).pathname.startsWith("/v1/auth/sign-")) return first;
  if (!(await renew())) {
    signedOut();
    return first;
  }
  if (!safe.has(again.method)) again.headers.set("X-CSRF-Token", cookie("outrider_csrf"));
  return fetch(again);
}

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "", fetch: fetchSignedIn });
api.use(headers);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** Returns what was answered, or throws a ProblemError. */
export async function must<T>(answer: Promise<Answer<T>>): Promise<T> {
  let a: Answer<T>;
  try {
    a = await answer;
  } catch (err) {
    if (err instanceof DOMException && err.name === "AbortError") throw err;
    throw new ProblemError(unreachable());
  }
  if (a.response.ok) return a.data as T;
  const retry = Number(a.response.headers.get("Retry-After")) || undefined;
  const p = isProblem(a.error)
    ? a.error
    : { type: "about:blank", title: "The server answered " + a.response.status, status: a.response.status, code: "unknown", request_id: a.response.headers.get("X-Request-Id") ?? "" };
  throw new ProblemError(p, retry);
}
