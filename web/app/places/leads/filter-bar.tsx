import { ListFilter, Search } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useCampaigns } from "@/app/names";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Pill } from "@/ui/chip";
import { SelectField, TextField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import { w } from "@/words";
import { formatDay } from "@/words/format";
import { filterNames, sources, statuses, type FilterName, type Filters } from "./filters";

type Change = (c: Record<string, string | boolean | undefined>) => void;

/** A filter that is on, in words. */
export function filterInWords(name: string, value: unknown, names: Map<string, string> = new Map()): string {
  const label = w.leads.fields[name] ?? name;
  const v = String(value);
  if (name === "outreach_status") return `${label}: ${w.leads.status[v] ?? v}`;
  if (name === "source") return `${label}: ${w.leads.source[v] ?? v}`;
  if (name === "suppressed") return `${label}: ${value ? w.leads.yes : w.leads.no}`;
  if (name === "campaign_id") return `${label}: ${names.get(v) ?? v.slice(0, 8)}`;
  if (name === "import_id") return `${label}: ${v.slice(0, 8)}`;
  if (/_(from|to)$/.test(name)) return `${label} ${formatDay(v, zone())}`;
  return `${label}: ${v}`;
}

/** What limits the list: text, a panel with the others, and a pill for each that is on. */
export function FilterBar({ filters, onChange, children }: { filters: Filters; onChange: Change; children?: ReactNode }) {
  const campaigns = useCampaigns();
  const names = new Map(campaigns.map((c) => [c.id, c.name]));
  const on = filterNames.filter((n) => n !== "q" && filters[n] !== undefined);
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b px-4 pb-3 sm:px-6">
      <SearchBox value={filters.q ?? ""} onChange={(q) => onChange({ q: q || undefined })} />
      <Pop
        label={w.leads.filters}
        align="start"
        trigger={
          <Button size="small" icon={<ListFilter size={14} aria-hidden />}>
            {w.leads.filter}
          </Button>
        }
      >
        <FilterForm filters={filters} onChange={onChange} campaigns={campaigns.map((c) => ({ value: c.id, label: c.name }))} />
      </Pop>
      {on.map((n) => {
        const words = filterInWords(n, filters[n], names);
        return (
          <Pill key={n} label={w.leads.removeFilter(words)} onRemove={() => onChange({ [n]: undefined })}>
            {words}
          </Pill>
        );
      })}
      <div className="ml-auto flex items-center gap-2">{children}</div>
    </div>
  );
}

function SearchBox({ value, onChange }: { value: string; onChange: (q: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const t = setTimeout(() => onChange(text.trim()), 200);
    return () => clearTimeout(t);
  }, [text]);
  return (
    <label className="relative flex w-64 max-w-full items-center max-sm:w-full">
      <span className="sr-only">{w.leads.search}</span>
      <Search size={14} aria-hidden className="pointer-events-none absolute left-2.5 text-text-3" />
      <input type="search" value={text} onChange={(e) => setText(e.target.value)} placeholder={w.leads.search} className="h-7 w-full rounded-control border border-control bg-surface-0 pr-2 pl-8 text-table pointer-coarse:min-h-11" />
    </label>
  );
}

function FilterForm({ filters, onChange, campaigns }: { filters: Filters; onChange: Change; campaigns: { value: string; label: string }[] }) {
  const any = { value: "", label: w.leads.anything };
  const select = (n: FilterName, options: { value: string; label: string }[]) => (
    <SelectField label={w.leads.fields[n]!} value={filters[n] === undefined ? "" : String(filters[n])} options={[any, ...options]} onChange={(e) => onChange({ [n]: e.target.value === "" ? undefined : n === "suppressed" ? e.target.value === "true" : e.target.value })} />
  );
  return (
    <div className="grid w-[26rem] max-w-full grid-cols-2 gap-3 max-sm:grid-cols-1">
      {select("outreach_status", statuses.map((s) => ({ value: s, label: w.leads.status[s]! })))}
      {select("source", sources.map((s) => ({ value: s, label: w.leads.source[s]! })))}
      {select("suppressed", [{ value: "true", label: w.leads.yes }, { value: "false", label: w.leads.no }])}
      {select("campaign_id", campaigns)}
      {(["tag", "company", "country", "email"] as const).map((n) => (
        <Typed key={n} name={n} value={(filters[n] as string | undefined) ?? ""} onChange={onChange} />
      ))}
      {(["created_from", "created_to", "updated_from", "updated_to"] as const).map((n) => (
        <TextField key={n} type="date" label={w.leads.fields[n]!} value={filters[n]?.slice(0, 10) ?? ""} onChange={(e) => onChange({ [n]: e.target.value || undefined })} />
      ))}
    </div>
  );
}

/** Asks when it is left, or by Enter: a list that changes with every letter is no help. */
function Typed({ name, value, onChange }: { name: FilterName; value: string; onChange: Change }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const ask = () => text.trim() !== value && onChange({ [name]: text.trim() || undefined });
  return <TextField label={w.leads.fields[name]!} value={text} onChange={(e) => setText(e.target.value)} onBlur={ask} onKeyDown={(e) => e.key === "Enter" && ask()} />;
}
