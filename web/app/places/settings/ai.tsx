import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { cx } from "@/ui/cx";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { formatDay } from "@/words/format";
import { ai as s, dollars } from "@/words/en/settings-ai";
import { AIForm } from "./ai-form";
import { AILedger } from "./ai-ledger";
import { aiSettingsOptions } from "./ai-queries";
import { TryModel } from "./ai-trial";
import { Body, Row } from "./row";

type Settings = Schemas["AISettings"];

export default function AISection() {
  const { org } = useSession();
  const can = useCan("organization:manage");
  const settings = useQuery(aiSettingsOptions(org));
  const [changing, setChanging] = useState(false);
  if (settings.error) return <ProblemNote error={settings.error} onRetry={() => void settings.refetch()} />;
  const x = settings.data;
  if (!x) return <SkeletonRows rows={6} />;
  return (
    <Body>
      <div>
        <Row label={s.state} hint={s.stateHint}>
          <State settings={x} can={can} />
        </Row>
        <Row label={s.provider} hint={s.providerHint}>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
            <span>{s.providers[x.provider]}</span>
            {can && (
              <Button size="small" onClick={() => setChanging(true)}>
                {s.change}
              </Button>
            )}
          </div>
          {x.provider === "own" ? (
            <p className="pt-1 text-table text-text-3">
              <span className="mono break-all">{x.base_url}</span>
              <br />
              {x.has_key ? s.keyKept : s.noKey}
            </p>
          ) : (
            !x.platform_available && <p className="pt-1 text-table text-text-3">{s.noPlatform}</p>
          )}
        </Row>
        <Row label={s.models} hint={s.modelsHint}>
          <Models settings={x} can={can} />
        </Row>
        <Row label={s.note}>
          <p className="max-w-prose text-text-2">{x.note}</p>
        </Row>
      </div>
      <Section title={s.budget}>
        <Budget settings={x} />
      </Section>
      <AILedger />
      {changing && <AIForm settings={x} onClose={() => setChanging(false)} />}
    </Body>
  );
}

function State({ settings: x, can }: { settings: Settings; can: boolean }) {
  const { org } = useSession();
  const [asking, setAsking] = useState(false);
  const resume = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/ai/resume", { params: { header: headers } }))),
    stale: () => [[org, "ai"]],
    done: () => toast.say(s.resumeSaid),
  });
  const off = x.tasks.every((t) => !t.model);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      {x.stopped ? (
        <div className="min-w-0">
          <Chip tone="bad">{s.stopped}</Chip>{" "}
          {x.stopped_at && (
            <span className="text-text-2">
              {s.since} <Time past at={x.stopped_at} />
            </span>
          )}
          <p className="pt-1 break-words text-text-2">{x.stopped_reason}</p>
        </div>
      ) : (
        <span className={off || x.down || x.switched_off ? "text-text-2" : undefined}>{x.switched_off ? s.switchedOff : off ? s.off : x.down ? s.down : s.runs}</span>
      )}
      {can &&
        (x.stopped ? (
          <Button busy={resume.isPending} onClick={() => resume.mutate()}>
            {s.resume}
          </Button>
        ) : (
          !off && (
            <Button size="small" onClick={() => setAsking(true)}>
              {s.stop}
            </Button>
          )
        ))}
      {asking && <StopDialog onClose={() => setAsking(false)} />}
    </div>
  );
}

function StopDialog({ onClose }: { onClose: () => void }) {
  const { org } = useSession();
  const [reason, setReason] = useState("");
  const stop = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/ai/stop", { params: { header: headers }, body: { reason } }))),
    stale: () => [[org, "ai"]],
    done: () => {
      toast.say(s.stopSaid);
      onClose();
    },
  });
  return (
    <Modal open onClose={onClose} title={s.stopAsk} about={s.stopAbout}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          stop.mutate();
        }}
      >
        <TextField label={s.stopReason} required autoFocus maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="danger" type="submit" busy={stop.isPending}>
            {s.stopDo}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Models({ settings: x, can }: { settings: Settings; can: boolean }) {
  const money = (n: number) => dollars(n);
  return (
    <dl className="flex flex-col gap-3">
      {x.tasks.map((t) => (
        <div key={t.task} className="grid gap-x-4 sm:grid-cols-[9rem_minmax(0,1fr)]">
          <dt>
            {s.tasks[t.task]}
            <span className="block text-meta text-text-3">{s.tasksAbout[t.task]}</span>
          </dt>
          <dd className="min-w-0">
            {t.model ? (
              <>
                <span className="mono break-all">{t.model}</span>
                {!t.chosen && x.provider === "platform" && <span className="text-text-3"> {s.inherited}</span>}
                <span className="block text-meta text-text-3">{s.price(money(t.price.input), money(t.price.cached), money(t.price.output))}</span>
              </>
            ) : (
              <span className="text-text-3">{s.noModel}</span>
            )}
            <span className="block text-meta text-text-3">{t.redacted ? s.redacted : s.notRedacted}</span>
            {can && t.model && !x.stopped && !x.switched_off && <TryModel task={t.task} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Budget({ settings: x }: { settings: Settings }) {
  const { spent, reserved, limit } = x.plan_budget;
  const all = spent + x.own_spent;
  const end = s.resets(formatDay(x.period_to, zone()));
  return (
    <>
      <dl className="grid gap-x-8 sm:grid-cols-2">
        <Spent label={s.planBudget} spent={spent} limit={limit ?? undefined} note={[limit != null && spent + reserved >= limit ? s.spentAll : "", reserved > 0 ? s.reserved(dollars(reserved)) : "", end].filter(Boolean).join(" ")} />
        {(x.limit_micros > 0 || x.own_spent > 0 || x.provider === "own") && (
          <Spent label={x.limit_micros > 0 ? s.ownLimit : s.ownSpent} spent={x.limit_micros > 0 ? all : x.own_spent} limit={x.limit_micros > 0 ? x.limit_micros : undefined} note={x.provider === "own" ? s.ownNote : end} />
        )}
      </dl>
      {x.lead_limit_micros > 0 && <p className="pt-3 text-table text-text-2">{s.leadLimitSet(dollars(x.lead_limit_micros))}</p>}
    </>
  );
}

function Spent({ label, spent, limit, note }: { label: string; spent: number; limit?: number; note: string }) {
  const share = limit ? Math.min(1, spent / limit) : limit === 0 ? 1 : 0;
  return (
    <div className="border-b py-4">
      <dt className="text-table text-text-2">{label}</dt>
      <dd className="mt-1">
        <span className="text-section font-semibold tabular-nums">{dollars(spent)}</span> <span className="text-text-3">{limit === undefined ? s.unlimited : s.of(dollars(limit))}</span>
        {limit !== undefined && (
          <div role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(spent, limit)} className="mt-2 h-1.5 overflow-hidden rounded-full bg-surface-2">
            <div className={cx("h-full", share >= 1 ? "bg-bad" : share >= 0.8 ? "bg-warn" : "bg-accent")} style={{ width: `${share * 100}%` }} />
          </div>
        )}
        <p className="mt-1.5 text-meta text-text-3">{note}</p>
      </dd>
    </div>
  );
}
