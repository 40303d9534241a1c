import { lazy, Suspense, useSyncExternalStore } from "react";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { useLiveStatus } from "@/live/live";
import { Button } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { w } from "@/words";
import { formatAbsolute, formatTime } from "@/words/format";
import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { useNow } from "@/app/clock";
import { accountNotice } from "./account-notice";
import { organizationOptions } from "./queries";
import { useAt, useGoToInstant } from "./time-machine";

const PastEvent = lazy(() => loadPart(() => import("./past-event")));
const TimeLapse = lazy(() => loadPart(() => import("./time-lapse")));
const UsageNotice = lazy(() => loadPart(() => import("./usage-notice")));

function useOnline() {
  return useSyncExternalStore(
    (l) => {
      window.addEventListener("online", l);
      window.addEventListener("offline", l);
      return () => {
        window.removeEventListener("online", l);
        window.removeEventListener("offline", l);
      };
    },
    () => navigator.onLine,
  );
}

/** At most one strip above the page, the most important one: offline, the past, the account, a limit that is nearly used up. Simulated time, by which the account is judged, stands beneath it. */
export function Strip() {
  const online = useOnline();
  const live = useLiveStatus();
  const at = useAt();
  const jump = useGoToInstant();
  const { me, org, slug } = useSession();
  const organization = useQuery({ ...organizationOptions(org), enabled: me.permissions.includes("organization:read") });
  const now = useNow();
  if (!online || live.state === "polling") return <Line tone="bg-warn-soft text-warn">{w.shell.polling(formatTime(live.since, zone()))}</Line>;
  if (at)
    return (
      <Line tone="bg-warn-soft text-warn">
        {w.shell.past(formatAbsolute(new Date(at), zone()))}
        {me.permissions.includes("audit:read") && (
          <Suspense>
            <PastEvent at={at} />
          </Suspense>
        )}
        <Button size="small" onClick={() => jump()}>
          {w.shell.back}
        </Button>
      </Line>
    );
  const notice = organization.data && accountNotice(organization.data, now, zone());
  const unpaid = organization.data?.status_cause === "payment";
  return (
    <>
      {notice && (
        <Line tone={notice.tone === "bad" ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn"}>
          {notice.text}
          <Link to={`/o/${slug}/settings/${unpaid ? "billing" : "usage"}` as "/"} className="underline">
            {unpaid ? w.shell.account.billing : w.shell.account.plans}
          </Link>
        </Line>
      )}
      <Suspense>{me.simulated ? <TimeLapse /> : !notice && me.permissions.includes("organization:read") && <UsageNotice />}</Suspense>
    </>
  );
}

function Line({ tone, children }: { tone: string; children: React.ReactNode }) {
  return (
    <div role="status" className={`flex min-h-9 shrink-0 flex-wrap items-center justify-center gap-3 px-4 text-table font-medium ${tone}`}>
      {children}
    </div>
  );
}
