import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { MoreHorizontal } from "lucide-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Go } from "@/app/go";
import { Page, Section } from "@/app/page";
import { PastOrProblem } from "@/app/past-note";
import { StatusChip } from "@/app/places/campaigns/parts";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button, IconButton } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { Menu, Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { w } from "@/words";
import { ruleInWords } from "@/words/en/rules";
import { formatCount } from "@/words/format";
import { useMailboxActions } from "./actions";
import { stillChecking } from "./checks";
import { EditConnection } from "./edit-connection";
import Hours from "./hours";
import { PaceForm } from "./pace";
import { Checks, Health, MailboxState } from "./parts";
import { SendGridSection } from "./sendgrid";
import { SignInAgain } from "./sign-in";
import { campaignsOptions, mailboxOptions, planOptions, type Mailbox } from "./queries";

const Warmup = lazy(() => loadPart(() => import("./warmup")));
const Forecast = lazy(() => loadPart(() => import("./forecast")));
const Letter = lazy(() => loadPart(() => import("./letter")));
const Folders = lazy(() => loadPart(() => import("./folders")));

/** A mailbox: what it sends today, whether it can, and how much it may. */
export function MailboxPage() {
  const { org } = useSession();
  const at = useAt();
  const { id } = useParams({ strict: false }) as { id: string };
  const one = useQuery({ ...mailboxOptions(org, id, at), refetchInterval: (q) => (!at && q.state.data && stillChecking(q.state.data) ? 2000 : false) });
  if (one.isError && !one.data) return <Page title={w.mailboxes.title}>{<PastOrProblem error={one.error} onRetry={() => void one.refetch()} />}</Page>;
  if (!one.data) return <Page title={w.mailboxes.title}>{<SkeletonRows />}</Page>;
  const box = one.data;
  return (
    <Page title={box.address ?? w.mailboxes.title} about={<MailboxState box={box} />} actions={!at && <Actions box={box} />}>
      <div className="grid gap-x-10 gap-y-8 px-4 py-4 pb-10 sm:px-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-8">
          {!at && <SignInAgain box={box} />}
          <CheckSection box={box} past={!!at} />
          {!at && box.sendgrid && <SendGridSection key={"grid " + box.id} box={box} />}
          <PaceForm key={box.id} box={box} past={!!at} />
          {!at && <Hours key={box.id + "h"} id={box.id} />}
          {!at && (
            <Suspense fallback={<SkeletonRows rows={4} />}>
              <Warmup key={box.id + "w"} id={box.id} />
              {box.status !== "pending" && <Forecast key={box.id + "c"} id={box.id} />}
            </Suspense>
          )}
          {!at && (
            <Suspense fallback={<SkeletonRows rows={4} />}>
              <Letter key={box.id + "l"} box={box} />
            </Suspense>
          )}
          {!at && box.imap && (
            <Suspense fallback={<SkeletonRows rows={4} />}>
              <Folders key={box.id + "f"} id={box.id} />
            </Suspense>
          )}
          {(box.unreadable_mail?.length ?? 0) > 0 && <Unreadable box={box} />}
        </div>
        <div className="flex min-w-0 flex-col gap-8">
          {!at && <TodayPlan box={box} />}
          <About box={box} />
          {!at && <Campaigns box={box} />}
        </div>
      </div>
    </Page>
  );
}

function Actions({ box }: { box: Mailbox }) {
  const may = useMay("mailboxes:write");
  const act = useMailboxActions(box);
  const [asking, setAsking] = useState<"edit" | "remove" | "">("");
  if (!may) return null;
  const m = w.mailboxes;
  return (
    <>
      <Button busy={act.verify.isPending} onClick={() => act.verify.mutate()}>
        {m.verify}
      </Button>
      {box.status === "suspended" ? (
        <Button look="primary" busy={act.resume.isPending} onClick={() => act.resume.mutate()}>
          {m.resume}
        </Button>
      ) : (
        box.status !== "pending" && (
          <Button busy={act.pause.isPending} onClick={() => act.pause.mutate()}>
            {m.pause}
          </Button>
        )
      )}
      <Menu
        trigger={
          <IconButton label={w.campaigns.moreActions}>
            <MoreHorizontal size={16} aria-hidden />
          </IconButton>
        }
        entries={[{ label: m.edit, onSelect: () => setAsking("edit") }, "line", { label: m.removeMenu, onSelect: () => setAsking("remove") }]}
      />
      {asking === "edit" && <EditConnection box={box} onClose={() => setAsking("")} />}
      <Modal
        open={asking === "remove"}
        onClose={() => setAsking("")}
        title={m.removeTitle(box.address ?? "")}
        about={m.removeAbout}
        footer={
          <>
            <Button onClick={() => setAsking("")}>{w.campaigns.cancel}</Button>
            <Button look="danger" busy={act.remove.isPending} onClick={() => act.remove.mutate()}>
              {m.remove}
            </Button>
          </>
        }
      />
    </>
  );
}

function CheckSection({ box, past }: { box: Mailbox; past: boolean }) {
  const checking = !past && stillChecking(box);
  const m = w.mailboxes;
  const able = box.status === "active" || box.status === "warming";
  return (
    <Section title={checking ? m.checking : m.checksTitle} actions={box.verified_at && <span className="text-table text-text-3">{m.verified} <Time at={box.verified_at} /></span>}>
      {box.status === "pending" && <p className="py-2 text-text-2">{checking ? m.checkingAbout : m.pendingAbout}</p>}
      {able && !box.checks.send_to_self && <p className="py-2 text-text-2">{m.recheckAbout}</p>}
      <Checks box={box} checking={checking} />
    </Section>
  );
}

/** Capacity, less what each rule takes away, is what goes out today. */
function TodayPlan({ box }: { box: Mailbox }) {
  const { org } = useSession();
  const may = useMay("campaigns:read") && box.status !== "pending";
  const plan = useQuery({ ...planOptions(org, box.id), enabled: may });
  if (!may) return null;
  const m = w.mailboxes;
  return (
    <Section title={m.todayTitle}>
      {plan.isPending && <SkeletonRows rows={4} />}
      {plan.isError && <ProblemNote error={plan.error} onRetry={() => void plan.refetch()} />}
      {plan.data && (
        <dl>
          <Line label={m.capacity}>{formatCount(plan.data.capacity)}</Line>
          {plan.data.removed.map((r) => (
            <Line key={r.rule} label={r.text} weak>
              −{formatCount(r.count)}
            </Line>
          ))}
          <Line label={m.planned} strong>
            {formatCount(plan.data.planned)}
          </Line>
          <Line label={m.sentToday}>{formatCount(plan.data.sent)}</Line>
          <Line label={m.leftToday}>{formatCount(plan.data.left)}</Line>
          {plan.data.next && (
            <Line label={m.next}>
              <Time at={plan.data.next.at} /> {plan.data.next.lead && <Go path={`/leads/${plan.data.next.lead_id}`}>{plan.data.next.lead}</Go>}
            </Line>
          )}
          {box.waiting_rule && (
            <Line label={m.waitsFor}>
              {m.planRules[box.waiting_rule] ?? ruleInWords(box.waiting_rule)} {box.waiting_until && <Time at={box.waiting_until} />}
            </Line>
          )}
        </dl>
      )}
    </Section>
  );
}

function About({ box }: { box: Mailbox }) {
  const m = w.mailboxes;
  const server = (s?: Mailbox["smtp"]) => (s ? `${s.host}:${s.port} ${s.security.toUpperCase()}` : "–");
  return (
    <Section title={m.about}>
      <dl>
        <Line label={m.health}>
          <Health box={box} />
        </Line>
        {box.health_reason && <p className="border-b py-2 text-table text-text-2">{box.health_reason}</p>}
        {box.display_name && <Line label={m.displayName}>{box.display_name}</Line>}
        <Line label={m.columns.sent}>{formatCount(box.sent)}</Line>
        <Line label={m.lastSent}>
          <Time at={box.last_sent_at} />
        </Line>
        <Line label={m.columns.read}>
          <Time at={box.inbox_read_at} />
        </Line>
        {box.reading_failure && (
          <p className="border-b py-2 text-table text-bad">
            {m.unreadSince(m.readingFailures[box.reading_failure.reason] ?? box.reading_failure.reason)} <Time at={box.reading_failure.since} />
          </p>
        )}
        {box.smtp && (
          <Line label={m.smtp}>
            <span className="mono break-all">{server(box.smtp)}</span>
          </Line>
        )}
        {box.imap && (
          <Line label={m.imap}>
            <span className="mono break-all">{server(box.imap)}</span>
          </Line>
        )}
        <Line label={w.shell.history}>
          <Go path="/history" search={{ subject: box.id }} className="text-accent-text">
            {m.whatHappened}
          </Go>
        </Line>
      </dl>
    </Section>
  );
}

function Campaigns({ box }: { box: Mailbox }) {
  const { org } = useSession();
  const may = useMay("campaigns:read");
  const all = useQuery({ ...campaignsOptions(org), enabled: may });
  const its = all.data?.filter((c) => c.mailbox_ids.includes(box.id)) ?? [];
  if (!may || !all.data) return null;
  return (
    <Section title={w.mailboxes.writesFor}>
      {its.length === 0 && <p className="py-2 text-text-2">{w.mailboxes.writesForNone}</p>}
      <ul>
        {its.map((c) => (
          <li key={c.id} className="flex min-h-9 items-center justify-between gap-3 border-b text-table">
            <Go path={`/campaigns/${c.id}/overview`} className="truncate">
              {c.name}
            </Go>
            <StatusChip campaign={c} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Unreadable({ box }: { box: Mailbox }) {
  const m = w.mailboxes;
  return (
    <Section title={m.unreadable}>
      <p className="py-2 text-text-2">{m.unreadableAbout}</p>
      <ul>
        {[...(box.unreadable_mail ?? [])].reverse().map((u) => (
          <li key={u.folder + u.uid} className="grid gap-x-4 border-b py-2 text-table sm:grid-cols-[12rem_minmax(0,1fr)_auto]">
            <span className="mono break-all">{`${u.folder}, UID ${u.uid}`}</span>
            <span className="break-words text-text-2">{u.reason}</span>
            <span className="text-text-3">
              <Time at={u.passed_over_at} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Line({ label, children, weak, strong }: { label: string; children: ReactNode; weak?: boolean; strong?: boolean }) {
  return (
    <div className={`flex min-h-9 items-center justify-between gap-4 border-b text-table ${strong ? "font-medium" : ""}`}>
      <dt className={weak ? "pl-4 text-text-2" : strong ? "" : "text-text-2"}>{label}</dt>
      <dd className="min-w-0 text-right">{children}</dd>
    </div>
  );
}
