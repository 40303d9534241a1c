import { ListFilter, Search } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState, type ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { useCampaigns } from "@/app/names";
import { useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Pill } from "@/ui/chip";
import { SelectField, TextField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import { w } from "@/words";
import { formatDay } from "@/words/format";
import { scores } from "@/words/en/scores";
import { qualifications, scoreFilters, sources, statuses, type FilterName, type Filters } from "./filters";
import { leadFacetsOptions } from "./queries";
import { useSegmentNames } from "./segments";

type Change = (c: Record<string, string | boolean | undefined>) => void;

/** A filter that is on, in words. */
export function filterInWords(name: string, value: unknown, names: Map<string, string> = new Map()): string {
  const label = w.leads.fields[name] ?? scores.filters[name] ?? name;
  const v = String(value);
  if (name === "outreach_status") return `${label}: ${w.leads.status[v] ?? v}`;
  if (name === "qualification") return `${label}: ${scores.qualification[v] ?? v}`;
  if (name === "source") return `${label}: ${w.leads.source[v] ?? v}`;
  if (name === "suppressed") return `${label}: ${value ? w.leads.yes : w.leads.no}`;
  if (name === "segment_id") return `${label}: ${names.get(v) ?? v.slice(0, 8)}`;
  if (name === "campaign_id") return `${label}: ${names.get(v) ?? v.slice(0, 8)}`;
  if (name === "import_id") return `${label}: ${v.slice(0, 8)}`;
  if (name.startsWith("custom.")) return `${w.leads.custom(name.slice(7))}: ${v}`;
  if (/_(from|to)$/.test(name)) return `${label} ${formatDay(v, zone())}`;
  return `${label}: ${v}`;
}

/** What limits the list: text, a panel with the others, and a pill for each that is on. */
export function FilterBar({ filters, onChange, children }: { filters: Filters; onChange: Change; children?: ReactNode }) {
  const campaigns = useCampaigns();
  const names = new Map([...campaigns.map((c): [string, string] => [c.id, c.name]), ...useSegmentNames()]);
  const on = (Object.keys(filters) as (keyof Filters)[]).filter((n) => n !== "q" && filters[n] !== undefined);
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
  const { org } = useSession();
  const facets = useQuery({ ...leadFacetsOptions(org, filters), enabled: !useAt() }).data;
  const any = { value: "", label: w.leads.anything };
  const counted = (label: string, found: Schemas["Facet"][] | undefined, value: string) => (found ? w.leads.withCount(label, found.find((f) => f.value === value)?.count ?? 0) : label);
  const values = (found: Schemas["Facet"][] | undefined) => found?.map((f) => ({ value: f.value, label: w.leads.withCount(f.value, f.count) }));
  const select = (n: FilterName, options: { value: string; label: string }[]) => (
    <SelectField label={w.leads.fields[n] ?? scores.filters[n]!} value={filters[n] === undefined ? "" : String(filters[n])} options={[any, ...options]} onChange={(e) => onChange({ [n]: e.target.value === "" ? undefined : n === "suppressed" ? e.target.value === "true" : e.target.value })} />
  );
  return (
    <div className="grid w-[26rem] max-w-full grid-cols-2 gap-3 max-sm:grid-cols-1">
      {select("outreach_status", statuses.map((s) => ({ value: s, label: counted(w.leads.status[s]!, facets?.outreach_status, s) })))}
      {select("source", sources.map((s) => ({ value: s, label: counted(w.leads.source[s]!, facets?.source, s) })))}
      {select("suppressed", [{ value: "true", label: counted(w.leads.yes, facets?.suppressed, "true") }, { value: "false", label: counted(w.leads.no, facets?.suppressed, "false") }])}
      {select("campaign_id", campaigns)}
      {select("qualification", qualifications.map((q) => ({ value: q, label: counted(scores.qualification[q]!, facets?.qualification, q) })))}
      {scoreFilters.map((n) => (
        <TextField key={n} type="number" min={0} max={100} label={scores.filters[n]!} value={filters[n] ?? ""} onChange={(e) => onChange({ [n]: e.target.value || undefined })} />
      ))}
      {(["tag", "country", "company", "email"] as const).map((n) => (
        <Typed key={n} name={n} label={w.leads.fields[n]!} value={(filters[n] as string | undefined) ?? ""} offered={n === "tag" ? values(facets?.tag) : n === "country" ? values(facets?.country) : undefined} onChange={onChange} />
      ))}
      {(["created_from", "created_to", "updated_from", "updated_to"] as const).map((n) => (
        <TextField key={n} type="date" label={w.leads.fields[n]!} value={filters[n]?.slice(0, 10) ?? ""} onChange={(e) => onChange({ [n]: e.target.value || undefined })} />
      ))}
      {facets && facets.custom.length > 0 && (
        <fieldset className="col-span-full border-t pt-3">
          <legend className="sr-only">{w.leads.ownFields}</legend>
          <p aria-hidden className="mb-2 text-table font-medium text-text-3">
            {w.leads.ownFields}
          </p>
          <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
            {facets.custom.slice(0, 20).map((f) => (
              <Typed key={f.value} name={"custom." + f.value} label={w.leads.withCount(w.leads.custom(f.value), f.count)} value={filters[`custom.${f.value}`] ?? ""} onChange={onChange} />
            ))}
          </div>
        </fieldset>
      )}
    </div>
  );
}

/** Asks when it is left, or by Enter: a list that changes with every letter is no help. */
function Typed({ name, label, value, offered, onChange }: { name: string; label: string; value: string; offered?: { value: string; label: string }[]; onChange: Change }) {
  const list = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const ask = () => text.trim() !== value && onChange({ [name]: text.trim() || undefined });
  return (
    <>
      <TextField label={label} value={text} list={offered ? list : undefined} onChange={(e) => setText(e.target.value)} onBlur={ask} onKeyDown={(e) => e.key === "Enter" && ask()} />
      {offered && (
        <datalist id={list}>
          {offered.map((o) => (
            <option key={o.value} value={o.value}>
              {o.label}
            </option>
          ))}
        </datalist>
      )}
    </>
  );
}
