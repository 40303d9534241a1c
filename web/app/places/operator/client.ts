import createClient from "openapi-fetch";
import type { paths } from "@/api/schema";

// The key is held by this page alone, until the tab goes: not in a cookie, nor in the browser's storage. Requests go without cookies.
let key = "";

export const hasKey = () => key !== "";

export function setKey(k: string) {
  key = k.trim();
}

export const platform = createClient<paths>({ baseUrl: location.origin, credentials: "omit" });

platform.use({
  onRequest({ request }) {
    request.headers.set("Authorization", "Bearer " + key);
    return request;
  },
});
