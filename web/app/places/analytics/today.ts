import { useIsFetching } from "@tanstack/react-query";
import { useRef } from "react";
import { useNow } from "@/app/clock";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { dayIn } from "./model";

/** The day that it is. While figures that were never there are under way the next day waits for them: a clock that is quicker than they are keeps none from coming. */
export function useToday() {
  const { org } = useSession();
  const day = dayIn(useNow(), zone());
  const coming = useIsFetching({ queryKey: [org, "analytics"], type: "active", predicate: (q) => q.state.data === undefined });
  const shown = useRef(day);
  if (!coming) shown.current = day;
  return shown.current;
}
