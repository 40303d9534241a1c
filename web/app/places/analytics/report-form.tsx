import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { membersOptions } from "@/app/places/settings/queries";
import { useCan } from "@/app/may";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField, SelectField, TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { reportEdit as edits } from "@/words/en/report-edit";
import { dimensions, metrics, ofPeople, scheduleOf, tellsCost, type Dimension, type Metric, type Unit } from "./model";

const s = w.reports;
const options = (of: Record<string, string>) => Object.entries(of).map(([value, label]) => ({ value, label }));

/** What a report counts, when, as what, and who is told: of a new one, or of one that is edited. What the form has no field for stays as it is. */
export function ReportForm({ report, onClose }: { report?: Schemas["Report"]; onClose: () => void }) {
  const plan = report?.plan;
  const kept = plan?.query.by?.slice(1) ?? [];
  const { org } = useSession();
  const client = useQueryClient();
  const pii = useCan("pii:read");
  const members = useQuery({ ...membersOptions(org), enabled: useCan("members:read") });
  const [name, setName] = useState(plan?.name ?? "");
  const [chosen, setChosen] = useState<Metric[]>((plan?.query.metrics as Metric[]) ?? ["sent", "replied", "meeting"]);
  const [by, setBy] = useState<Dimension | "">(plan ? ((plan.query.by?.[0] as Dimension) ?? "") : "campaign");
  const [unit, setUnit] = useState<Unit>((plan?.query.unit as Unit) ?? "person");
  const [period, setPeriod] = useState<string>(plan?.query.period ?? "last_week");
  const [formats, setFormats] = useState<Schemas["ReportFormat"][]>(plan?.formats ?? ["csv", "html"]);
  const [every, setEvery] = useState<string>(plan ? (plan.schedule?.every ?? "") : "weekly");
  const [weekday, setWeekday] = useState(String(plan?.schedule?.weekday || 1));
  const [day, setDay] = useState(String(plan?.schedule?.day || 1));
  const [hour, setHour] = useState(String(plan?.schedule?.hour ?? 8));
  const [told, setTold] = useState<string[]>(plan?.recipients ?? []);
  const [wrong, setWrong] = useState("");
  const flip = <T,>(list: T[], x: T) => (list.includes(x) ? list.filter((y) => y !== x) : [...list, x]);
  const costs: Metric[] = tellsCost(by ? [by, ...kept] : [], plan?.query.filter) ? ["cost"] : [];
  const shown: Metric[] = [...metrics.filter((m) => unit === "message" || m !== "delivered"), ...costs];
  const save = useWrite({
    run: (_: void, headers) => {
      const body: Schemas["ReportPlan"] = {
        name,
        formats,
        recipients: told,
        query: { ...plan?.query, metrics: [...shown.filter((m) => chosen.includes(m)), ...chosen.filter((m) => m !== "cost" && !(metrics as readonly Metric[]).includes(m))], by: by ? [by, ...kept.filter((d) => d !== by)] : [], unit, period: period as Schemas["ReportQuery"]["period"] },
        ...(every ? { schedule: scheduleOf(every as Schemas["ReportSchedule"]["every"], Number(weekday), Number(day), Number(hour)) } : {}),
      };
      return report
        ? must(api.PUT("/v1/reports/{id}", { params: { path: { id: report.id }, header: { ...headers, "If-Match": `"${report.version}"` } }, body }))
        : must(api.POST("/v1/reports", { params: { header: headers }, body }));
    },
    stale: () => [[org, "analytics", "reports"]],
    done: onClose,
    onProblem: (err) => {
      if (err.status === 412) {
        void client.invalidateQueries({ queryKey: [org, "analytics", "reports"] }); // the next try is on top of what is there by then
        setWrong(edits.changedMeanwhile);
        return true;
      }
      setWrong([err.problem.errors?.[0]?.field, err.problem.errors?.[0]?.reason].filter(Boolean).join(" ") || err.problem.detail || err.problem.title);
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={report ? edits.editOf(report.plan.name) : s.add} wide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          save.mutate();
        }}
      >
        <TextField label={s.name} required maxLength={200} value={name} onChange={(e) => setName(e.target.value)} />
        <fieldset>
          <legend className="text-table font-medium text-text-2">{s.metrics}</legend>
          <div className="mt-1 grid gap-1 sm:grid-cols-3">
            {shown.map((m) => (
              <CheckField key={m} label={w.analytics.metrics[m] ?? m} checked={chosen.includes(m)} onChange={() => setChosen(flip<Metric>(chosen, m))} />
            ))}
          </div>
        </fieldset>
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label={s.by} value={by} onChange={(e) => setBy(e.target.value as Dimension | "")} options={[{ value: "", label: s.nothing }, ...dimensions.filter((d) => pii || !ofPeople(d)).map((d) => ({ value: d, label: w.analytics.dimensions[d] ?? d }))]} />
          <SelectField label={s.unit} value={unit} onChange={(e) => setUnit(e.target.value as Unit)} options={options(s.units)} />
          <SelectField label={s.period} value={period} onChange={(e) => setPeriod(e.target.value)} options={options(s.periods)} />
          <SelectField label={s.every} value={every} onChange={(e) => setEvery(e.target.value)} options={options(s.everies)} />
          {every === "weekly" && <SelectField label={edits.weekday} value={weekday} onChange={(e) => setWeekday(e.target.value)} options={edits.weekdays.map((label, i) => ({ value: String(i + 1), label }))} />}
          {every === "monthly" && <TextField label={edits.day} type="number" min={1} max={28} required value={day} onChange={(e) => setDay(e.target.value)} />}
          {every && <TextField label={s.hour} hint={s.hourHint} type="number" min={0} max={23} required value={hour} onChange={(e) => setHour(e.target.value)} />}
        </div>
        <fieldset>
          <legend className="text-table font-medium text-text-2">{s.files}</legend>
          <div className="mt-1 flex flex-wrap gap-4">
            {(["csv", "html", "parquet"] as const).map((f) => (
              <CheckField key={f} label={s.formats[f]!} checked={formats.includes(f)} onChange={() => setFormats(flip(formats, f))} />
            ))}
          </div>
        </fieldset>
        {!!members.data?.length && (
          <fieldset>
            <legend className="text-table font-medium text-text-2">{s.tell}</legend>
            <div className="mt-1 grid gap-1 sm:grid-cols-2">
              {members.data.map((m) => (
                <CheckField key={m.id} label={m.email ?? m.id} checked={told.includes(m.id)} onChange={() => setTold(flip(told, m.id))} />
              ))}
            </div>
          </fieldset>
        )}
        {kept.length + Object.keys(plan?.query.filter ?? {}).length > 0 && <p className="text-table text-text-3">{edits.keptAsIs(kept.map((d) => w.analytics.dimensions[d] ?? d), Object.keys(plan?.query.filter ?? {}).map((d) => w.analytics.dimensions[d] ?? d))}</p>}
        {wrong && (
          <p role="alert" className="text-bad">
            {wrong}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={save.isPending}>
            {s.save}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
