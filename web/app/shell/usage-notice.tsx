import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, must } from "@/api/client";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { formatDay } from "@/words/format";
import { usageNotice as s } from "@/words/en/usage-notice";
import { nearlyUsedUp } from "./usage-rules";

const hiddenKey = "outrider.usage-notice";

/** The strip of a limit that is nearly used up or all used; hidden, it comes back with the next warning: at all of it, or in another billing period. */
export default function UsageNotice() {
  const { org, slug } = useSession();
  const usage = useQuery({ queryKey: [org, "quota", "usage"], queryFn: () => must(api.GET("/v1/usage")) }); // asked again when the server warns, not with each enrolment
  const [hidden, setHidden] = useState(() => localStorage.getItem(hiddenKey));
  const u = usage.data;
  const n = u && nearlyUsedUp(u.lines);
  if (!n) return null;
  const warning = [org, u.period_from, n.key, n.percent, n.limit].join(" ");
  if (hidden === warning) return null;
  const day = n.percent === 100 ? u.period_to : n.runsOut;
  return (
    <div role="status" className={`flex min-h-9 shrink-0 flex-wrap items-center justify-center gap-3 px-4 text-table font-medium ${n.percent === 100 ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn"}`}>
      {s.texts[n.key]![n.percent](n.used, n.limit, day ? formatDay(day, zone()) : "")}
      <Link to={`/o/${slug}/settings/usage` as "/"} className="underline">
        {s.plans}
      </Link>
      <Button
        size="small"
        look="quiet"
        onClick={() => {
          localStorage.setItem(hiddenKey, warning);
          setHidden(warning);
        }}
      >
        {s.hide}
      </Button>
    </div>
  );
}
