import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Page } from "@/app/page";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { useNow } from "@/app/clock";
import { zone } from "@/app/zone";
import { loadPart } from "@/ui/load-part";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import { Figures } from "./figures";
import { FirstSteps, useFirstSteps } from "./first-steps";
import { LiveFeed } from "./live-feed";
import { Plan } from "./plan";
import { todayOptions } from "./queries";
import { MailboxMarks, Quotas } from "./side";
import { Waiting } from "./waiting";

const PastToday = lazy(() => loadPart(() => import("./past")).then((m) => ({ default: m.PastToday })));

export function TodayPage() {
  const at = useAt();
  return at ? (
    <Page title={w.shell.today} about={<time dateTime={at}>{formatAbsolute(new Date(at), zone())}</time>}>
      <Suspense fallback={<SkeletonRows rows={6} />}>
        <PastToday at={at} />
      </Suspense>
    </Page>
  ) : (
    <Now />
  );
}

function Now() {
  const { org } = useSession();
  const today = useQuery(todayOptions(org));
  const steps = useFirstSteps();
  const now = useNow();
  const [plan, feed, boxes] = [useMay("campaigns:read"), useMay("audit:read"), useMay("mailboxes:read")];
  return (
    <Page title={w.shell.today} about={<time dateTime={now.toISOString()}>{formatAbsolute(now, zone())}</time>}>
      <div className="grid gap-x-10 gap-y-8 px-4 pb-10 sm:px-6 xl:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-8">
          {today.isError ? <ProblemNote error={today.error} onRetry={() => void today.refetch()} /> : <Waiting today={today.data} />}
          {steps.open ? <FirstSteps steps={steps.list} /> : plan && <Plan />}
          {!steps.open && <Figures today={today.data} />}
        </div>
        <div className="flex min-w-0 flex-col gap-8">
          {feed && <LiveFeed />}
          {boxes && <MailboxMarks />}
          <Quotas />
        </div>
      </div>
    </Page>
  );
}
