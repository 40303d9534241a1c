import { CalendarRange, ChevronLeft, ChevronRight } from "lucide-react";
import { useCampaigns } from "@/app/names";
import { useMay } from "@/app/session";
import { showKeys, useShortcuts } from "@/keys/registry";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { SelectField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import { w } from "@/words";
import { Days } from "./days";
import { addDays, daysOf, dimensions, metrics, narrowed, ofPeople, periods, type Dimension, type PeriodName, type Shown, type Unit } from "./model";
import { unitOf, type View } from "./page";

const s = w.analytics;
const field = "w-40 max-sm:w-auto max-sm:flex-1";

const shortDay = (d: string) => new Intl.DateTimeFormat(undefined, { timeZone: "UTC", day: "numeric", month: "short" }).format(new Date(d + "T12:00:00Z"));

/** What is looked at: metric, breakdown, campaign, unit, period. */
export function Controls({ search, from, to, today, set }: View) {
  const seesMailboxes = useMay("mailboxes:read");
  const seesPeople = useMay("pii:read");
  const campaigns = useCampaigns().filter((c) => c.launched_at);
  const figures = !search.view;
  const metric: Shown = search.metric ?? "replied";
  const period: PeriodName = search.period ?? "m";
  const choose = (p: PeriodName) => set({ period: p, from: undefined, to: undefined });
  const own = search.from === from; // days that somebody has chosen
  const shift = (n: number) => {
    const days = daysOf(from, to).length;
    const far = addDays(to, n * days);
    const end = far > today ? today : far;
    set({ from: own ? addDays(end, 1 - days) : undefined, to: end === today ? undefined : end });
  };
  useShortcuts([
    ...(Object.keys(periods) as PeriodName[]).map((p) => ({ keys: p, label: s.periods[p]!, group: w.shell.analytics, run: () => choose(p) })),
    { keys: ",", label: s.back, group: w.shell.analytics, run: () => shift(-1) },
    { keys: ".", label: s.on, group: w.shell.analytics, run: () => shift(1) },
  ]);
  const allowed = dimensions.filter((d) => (d !== "mailbox" || seesMailboxes) && (seesPeople || !ofPeople(d)));
  const by = allowed.map((d) => ({ value: d as string, label: s.dimensions[d]! }));
  const unit = unitOf(search, metric);
  return (
    <div className="flex flex-wrap items-end gap-2">
      {figures && (
        <>
          <SelectField label={s.metric} hideLabel className={field} value={metric} onChange={(e) => set({ metric: e.target.value as Shown, unit: undefined })} options={metrics.map((m) => ({ value: m, label: s.metrics[m]! }))} />
          <SelectField label={s.by} hideLabel className={field} value={search.by ?? "campaign"} onChange={(e) => set({ by: e.target.value as Dimension, by2: search.by2 === e.target.value ? undefined : search.by2 })} options={by} />
          <SelectField label={s.and} hideLabel className={field} value={search.by2 ?? ""} onChange={(e) => set({ by2: (e.target.value || undefined) as Dimension | undefined })} options={[{ value: "", label: `${s.and} ${s.nothingElse}` }, ...by.filter((o) => o.value !== (search.by ?? "campaign"))]} />
        </>
      )}
      <SelectField label={s.campaign} hideLabel className="w-40 max-sm:w-full" value={search.where?.campaign?.length === 1 ? search.where.campaign[0] : ""} onChange={(e) => set({ where: narrowed(search.where, "campaign", e.target.value || undefined) })} options={[{ value: "", label: s.all }, ...campaigns.map((c) => ({ value: c.id, label: c.name }))]} />
      {figures && metric !== "delivered" && (
        <div role="group" aria-label={s.unit} className="flex items-center rounded-control border border-control">
          {(["person", "message"] as Unit[]).map((u) => (
            <button key={u} type="button" title={s.unitHint[u]} aria-pressed={u === unit} onClick={() => set({ unit: u })} className={cx("h-7 px-2.5 text-table hover:bg-surface-1 pointer-coarse:h-11", u === unit && "bg-accent-soft font-medium text-accent-text")}>
              {s.units[u]}
            </button>
          ))}
        </div>
      )}
      <div role="group" aria-label={s.period} className="ml-auto flex items-center rounded-control border border-control max-sm:ml-0">
        <IconButton label={s.back} size="small" onClick={() => shift(-1)}>
          <ChevronLeft size={14} aria-hidden />
        </IconButton>
        {(Object.keys(periods) as PeriodName[]).map((p) => (
          <button key={p} type="button" title={`${s.periods[p]} (${showKeys(p)})`} aria-pressed={p === period && !own} onClick={() => choose(p)} className={cx("h-7 px-2.5 text-table whitespace-nowrap hover:bg-surface-1 pointer-coarse:h-11", p === period && !own && "bg-accent-soft font-medium text-accent-text")}>
            {s.short[p]}
          </button>
        ))}
        <Pop
          label={s.chooseDays}
          trigger={
            <button type="button" aria-pressed={own} className={cx("flex h-7 items-center gap-1.5 px-2 text-table whitespace-nowrap hover:bg-surface-1 pointer-coarse:h-11", own && "bg-accent-soft font-medium text-accent-text")}>
              <CalendarRange size={14} aria-hidden />
              <span className={cx(!own && "sr-only")}>{own ? s.days(shortDay(from), shortDay(to)) : s.chooseDays}</span>
            </button>
          }
        >
          {(close) => (
            <Days
              key={from + to}
              from={from}
              to={to}
              today={today}
              onChoose={(a, b) => {
                set({ period: undefined, from: a, to: b >= today ? undefined : b });
                close();
              }}
            />
          )}
        </Pop>
        <IconButton label={s.on} size="small" why={to >= today ? s.noFuture : undefined} onClick={() => shift(1)}>
          <ChevronRight size={14} aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}
