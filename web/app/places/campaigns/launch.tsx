import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, CircleHelp, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Go } from "@/app/go";
import { useNow } from "@/app/clock";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { organizationOptions } from "@/app/shell/queries";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { loadPart } from "@/ui/load-part";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { match } from "./actions";
import { customFieldsOf } from "./liquid";
import { forecastOptions, mailboxNamesOptions, linksOptions, readinessOptions, sampleOptions, type Campaign } from "./queries";
import { lacksOf, readinessOf, sorted, type Readiness } from "./readiness";

const LaunchRequest = lazy(() => loadPart(() => import("./launch-request")));

const icons = { passed: CircleCheck, failed: CircleAlert, warning: TriangleAlert, unknown: CircleHelp };
const tones = { passed: "text-good", failed: "text-bad", warning: "text-warn", unknown: "text-text-2" };

/** Everything that is looked at before a campaign leaves the house, each with the way to mend it; then the button that says how many. */
export default function Launch({ campaign }: { campaign: Campaign }) {
  const { org, slug } = useSession();
  const go = useNavigate();
  const now = useNow();
  const past = !!useAt();
  const send = useMay("campaigns:send");
  const organization = useQuery({ ...organizationOptions(org), enabled: useMay("organization:read") });
  const boxes = useQuery({ ...mailboxNamesOptions(org), enabled: useMay("mailboxes:read") });
  const sample = useQuery({ ...sampleOptions(org, campaign.id), enabled: useMay("leads:read") });
  const server = useQuery(readinessOptions(org, campaign.id));
  const links = useQuery({ ...linksOptions(org, campaign.id), enabled: !past && !campaign.launched_at });
  const forecast = useQuery({ ...forecastOptions(org, campaign.id, {}), enabled: !past && !campaign.launched_at && campaign.enrolled > 0 });
  const [refused, setRefused] = useState<Readiness[]>([]);
  const launch = useWrite({
    run: (_: void, header) => must(api.POST("/v1/campaigns/{id}/launch", { params: { path: { id: campaign.id }, header: { ...header, ...match(campaign.version) } } })),
    stale: () => [
      [org, "campaigns"],
      [org, "enrollments"],
      [org, "plan"],
      [org, "today"],
    ],
    done: () => {
      toast.say(w.campaigns.launchedTo(campaign.enrolled));
      void go({ to: `/o/${slug}/campaigns/${campaign.id}/overview` as "/" });
    },
    onProblem: (err) => {
      if (!err.problem.missing) return false;
      setRefused(lacksOf(campaign, err.problem.missing));
      return true;
    },
  });
  if (campaign.launched_at) return <p className="px-4 py-5 sm:px-6">{w.campaigns.launchedAlready}</p>;
  const loading = organization.isLoading || boxes.isLoading || sample.isLoading;
  const people = sample.data?.enrolled ? sample.data.leads : [];
  const here = readinessOf(campaign, { organization: organization.data, mailboxes: boxes.data, people, fields: sample.data ? new Set(customFieldsOf(sample.data.leads as never)) : undefined, now });
  const seen = new Set(here.filter((x) => x.outcome === "failed").map((x) => x.what));
  const theirs = lacksOf(campaign, server.data?.checks.filter((x) => x.outcome === "failed") ?? []);
  const dead = (links.data ?? []).filter((x) => !x.answers).map((x): Readiness => ({ what: "link", outcome: "warning", title: w.campaigns.linkDead(x.url), detail: x.detail, fix: { label: w.campaigns.toText, path: `/campaigns/${campaign.id}/steps`, search: { step: x.step_id, variant: x.variant_id } } }));
  const checks = sorted([...dead, ...[...theirs, ...refused].filter((x, i, all) => !seen.has(x.what) && all.findIndex((y) => y.title === x.title) === i), ...here]);
  const failed = checks.filter((x) => x.outcome === "failed").length;
  const c = w.campaigns;
  const able = boxes.data?.filter((b) => campaign.mailbox_ids.includes(b.id) && (b.status === "active" || b.status === "warming")) ?? [];
  const all = campaign.mailbox_ids.length === 0 ? (boxes.data ?? []).filter((b) => b.status === "active" || b.status === "warming").map((b) => b.id) : [];
  const perDay = able.reduce((n, b) => n + b.pace.cap_per_day, 0);
  return (
    <div className="flex max-w-3xl flex-col gap-6 px-4 py-5 sm:px-6">
      <Section title={failed > 0 ? c.toMend(failed) : c.allGood}>
        {loading ? (
          <SkeletonRows rows={5} />
        ) : (
          <ul className="flex flex-col">
            {checks.map((x, i) => (
              <Line key={x.what + i} check={x} act={x.what === "mailbox" && x.outcome === "failed" && all.length > 0 && !past ? <UseAll campaign={campaign} ids={all} /> : undefined} />
            ))}
          </ul>
        )}
      </Section>
      <Section title={c.whatLeaves}>
        <ul className="flex flex-col gap-1 py-2">
          <li>{c.leavesPeople(campaign.enrolled, campaign.steps.length)}</li>
          {server.data?.first_send_at && (
            <li>
              {c.firstSend} <Time at={server.data.first_send_at} absolute />
            </li>
          )}
          <Finish forecast={forecast.data} earliest={server.data?.finish} />
          {able.length > 0 && <li>{c.leavesPerDay(perDay, able.length)}</li>}
          <li>{c.leavesWhen(campaign.settings.window.days.map((d) => c.dayNames[d - 1]!.slice(0, 3)).join(", "), campaign.settings.window.from, campaign.settings.window.to)}</li>
          {campaign.approval !== "none" && <li>{c.approvalAbout[campaign.approval]}</li>}
        </ul>
      </Section>
      {launch.error && !refused.length ? <ProblemNote error={launch.error} /> : null}
      <Suspense>
        <LaunchRequest campaign={campaign} />
      </Suspense>
      {!past && (
        <div className="flex flex-wrap items-center gap-3">
          {send ? (
            <Button look="primary" busy={launch.isPending} why={failed > 0 ? c.toMend(failed) : loading ? w.states.loading : undefined} onClick={() => launch.mutate()}>
              {c.launchTo(campaign.enrolled)}
            </Button>
          ) : (
            !campaign.launch_request && <p className="text-text-2">{c.askForLaunch}</p>
          )}
          {send && <span className="text-table text-text-3">{c.launchAbout}</span>}
        </div>
      )}
    </div>
  );
}

/** When it is over, as a range where it was played with people who answer; the earliest day until that is known. */
function Finish({ forecast, earliest }: { forecast?: Schemas["Forecast"]; earliest?: string }) {
  const c = w.campaigns;
  const f = forecast?.finish;
  if (f?.p10 && f.p90)
    return (
      <li>
        {c.finishBetween} <Time at={f.p10} absolute /> {c.finishAnd} <Time at={f.p90} absolute />.
      </li>
    );
  if (f?.planned)
    return (
      <li>
        {c.finishPlanned} <Time at={f.planned} absolute />
      </li>
    );
  if (forecast && forecast.people > 0) return <li>{c.finishLater}</li>;
  return earliest ? (
    <li>
      {c.finish} <Time at={earliest} absolute />
    </li>
  ) : null;
}

/** All mailboxes that may send, without leaving the page. */
function UseAll({ campaign, ids }: { campaign: Campaign; ids: string[] }) {
  const { org } = useSession();
  const may = useMay("campaigns:write");
  const assign = useWrite({
    run: (_: void, header) => must(api.PUT("/v1/campaigns/{id}/mailboxes", { params: { path: { id: campaign.id }, header: { ...header, ...match(campaign.version) } }, body: { mailbox_ids: ids } })),
    stale: () => [
      [org, "campaigns"],
      [org, "plan"],
    ],
  });
  return may ? (
    <Button size="small" busy={assign.isPending} onClick={() => assign.mutate()}>
      {w.campaigns.useAll(ids.length)}
    </Button>
  ) : null;
}

function Line({ check, act }: { check: Readiness; act?: ReactNode }) {
  const Icon = icons[check.outcome];
  return (
    <li className="flex items-start gap-3 border-b py-2.5">
      <Icon size={16} aria-hidden className={`mt-0.5 shrink-0 ${tones[check.outcome]}`} />
      <div className="min-w-0 flex-1">
        <p className="break-words">
          <span className="sr-only">{w.campaigns.outcomes[check.outcome]}: </span>
          {check.title}
        </p>
        {check.detail && <p className="text-table break-words text-text-2">{check.detail}</p>}
      </div>
      {act}
      {check.fix && (
        <Go path={check.fix.path} search={check.fix.search} className="shrink-0 py-0.5 text-table font-medium text-accent-text">
          {check.fix.label}
        </Go>
      )}
    </li>
  );
}
