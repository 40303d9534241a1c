import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { SelectField, TextField } from "@/ui/field";
import { scores as s } from "@/words/en/scores";
import { needs, type Rule } from "./score-rules";

type Props = { rule: Rule; fields: { value: string; label: string }[]; error?: Record<string, string>; onChange: (r: Rule) => void; onRemove: () => void };

export const ruleGrid = "grid grid-cols-[minmax(7rem,1.5fr)_minmax(6.5rem,1.1fr)_minmax(6.5rem,0.9fr)_minmax(6rem,1.5fr)_4rem_1.75rem] gap-2";

/** One rule on a line: what it asks, and how many points that is worth. */
export function RuleRow({ rule, fields, error = {}, onChange, onRemove }: Props) {
  const set = (d: Partial<Rule>) => onChange({ ...rule, ...d });
  return (
    <li className={`${ruleGrid} items-start border-b py-1.5 max-md:grid-cols-2 max-md:gap-y-1.5 max-md:py-3`}>
      <TextField hideLabel label={s.name} value={rule.name} maxLength={200} error={error.name} onChange={(e) => set({ name: e.target.value })} className="max-md:col-span-2" />
      <SelectField hideLabel label={s.field} value={rule.field} options={fields} error={error.field} onChange={(e) => set({ field: e.target.value })} />
      <SelectField hideLabel label={s.test} value={rule.test} options={Object.entries(s.tests).map(([value, label]) => ({ value, label }))} onChange={(e) => set({ test: e.target.value as Rule["test"] })} />
      <Value rule={rule} error={error} set={set} />
      <TextField hideLabel label={s.weight} type="number" min={-100} max={100} value={Number.isNaN(rule.weight) ? "" : rule.weight} error={error.weight} onChange={(e) => set({ weight: e.target.value === "" ? NaN : Math.trunc(Number(e.target.value)) })} />
      <button type="button" aria-label={s.remove(rule.name)} title={s.remove(rule.name)} onClick={onRemove} className="inline-flex size-7 items-center justify-center self-start rounded-control text-text-3 hover:bg-surface-2 hover:text-text-1 md:mt-0.5 pointer-coarse:size-11">
        <X size={14} aria-hidden />
      </button>
    </li>
  );
}

function Value({ rule, error, set }: { rule: Rule; error: Record<string, string>; set: (d: Partial<Rule>) => void }) {
  const number = (v: string) => (v === "" ? undefined : Number(v));
  switch (needs(rule.test)) {
    case "values":
      return <Values rule={rule} error={error.values} set={set} />;
    case "range":
      return (
        <span className="grid grid-cols-2 gap-2">
          <TextField hideLabel label={s.from} placeholder={s.from} type="number" value={rule.from ?? ""} error={error.from} onChange={(e) => set({ from: number(e.target.value) })} />
          <TextField hideLabel label={s.to} placeholder={s.to} type="number" value={rule.to ?? ""} onChange={(e) => set({ to: number(e.target.value) })} />
        </span>
      );
    case "days":
      return (
        <span className="flex items-center gap-2">
          <TextField hideLabel label={s.days} type="number" min={1} max={3650} value={rule.days ?? ""} error={error.days} onChange={(e) => set({ days: number(e.target.value) })} className="w-20" />
          <span className="text-table text-text-2">{s.daysAfter}</span>
        </span>
      );
  }
  return <span aria-hidden className="max-md:hidden" />;
}

/** Typed with commas; a comma at the end stays while one types. */
function Values({ rule, error, set }: { rule: Rule; error?: string; set: (d: Partial<Rule>) => void }) {
  const joined = (rule.values ?? []).join(", ");
  const [text, setText] = useState(joined);
  const read = (t: string) => t.split(",").map((v) => v.trim()).filter(Boolean);
  useEffect(() => {
    if (read(text).join() !== (rule.values ?? []).join()) setText(joined);
  }, [joined]);
  return (
    <TextField
      hideLabel
      label={s.values}
      placeholder={s.values}
      value={text}
      error={error}
      onChange={(e) => {
        setText(e.target.value);
        set({ values: rule.test === "equals" ? [e.target.value] : read(e.target.value) });
      }}
    />
  );
}
