import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, must } from "@/api/client";
import { setSingleKeysOff } from "@/keys/registry";
import { queries } from "./query";
import type { Layouts } from "./layouts";
import { chooseTheme, type Theme } from "./theme";

// What a person has set for themselves goes with them to other browsers. It is kept in this one, too, so that a page is drawn right at once.
type Values = { theme?: Theme; shortcuts?: boolean; notifications_seen?: Record<string, number>; tables?: Layouts; reply_undo_seconds?: number };

export const preferencesOptions = () => queryOptions({ queryKey: ["", "preferences"], staleTime: 5 * 60_000, queryFn: async () => (await must(api.GET("/v1/me/preferences"))).values as Values });

/** Sets some of them; the others stay. What can't be kept on the server holds in this browser. */
export async function setPreferences(change: Values) {
  show(change);
  try {
    const before = await queries.fetchQuery(preferencesOptions());
    const values = { ...before, ...change };
    queries.setQueryData(preferencesOptions().queryKey, values);
    await must(api.PUT("/v1/me/preferences", { body: { values } }));
  } catch {
    void queries.invalidateQueries({ queryKey: preferencesOptions().queryKey });
  }
}

function show(v: Values) {
  if (v.theme === "light" || v.theme === "dark" || v.theme === "system") chooseTheme(v.theme);
  if (typeof v.shortcuts === "boolean") setSingleKeysOff(!v.shortcuts);
}

/** Takes over what was set in another browser. */
export function usePreferences() {
  const { data } = useQuery({ ...preferencesOptions(), retry: false });
  useEffect(() => {
    if (data) show(data);
  }, [data]);
  return data;
}
