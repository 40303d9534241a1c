import { CalendarRange } from "lucide-react";
import { useEffect, useState } from "react";
import { serverNow } from "@/app/clock";
import { SavedViews } from "@/app/saved-views";
import { fromWallTime, wallTime, zone } from "@/app/zone";
import { Button } from "@/ui/button";
import { Pill } from "@/ui/chip";
import { SelectField, TextField } from "@/ui/field";
import { Pop } from "@/ui/overlay";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";
import type { HistorySearch } from "./routes";

const s = w.history;

export function filtersInWords(x: HistorySearch): string {
  return [
    x.q && `“${x.q}”`,
    x.type && (s.types.find(([t]) => t === x.type)?.[1] ?? x.type),
    x.actor && (s.actorKinds[x.actor] ?? x.actor),
    x.subject && `${s.subject} ${x.subject.slice(0, 8)}`,
    x.request && `${s.request} ${x.request.slice(0, 8)}`,
    x.from && `${s.from} ${formatAbsolute(new Date(x.from), zone())}`,
    x.to && `${s.to} ${formatAbsolute(new Date(x.to), zone())}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** Filters of the history: all in the URL, those without a field of their own as pills. */
export function Filters({ search, set }: { search: HistorySearch; set: (s: Partial<HistorySearch>) => void }) {
  const [q, setQ] = useState(search.q ?? "");
  useEffect(() => setQ(search.q ?? ""), [search.q]);
  useEffect(() => {
    if (q === (search.q ?? "")) return;
    const t = setTimeout(() => set({ q: q || undefined }), 300);
    return () => clearTimeout(t);
  }, [q]);
  const types = s.types.some(([t]) => t === search.type) || !search.type ? s.types : [...s.types, [search.type, search.type] as [string, string]];
  const actors = Object.entries(s.actorKinds);
  const own = search.actor && !(search.actor in s.actorKinds);
  return (
    <div role="search" aria-label={s.filters} className="flex flex-wrap items-end gap-2 px-4 pb-3 sm:px-6">
      <TextField label={s.find} hideLabel type="search" placeholder={s.find} className="w-56 max-sm:w-full" value={q} onChange={(e) => setQ(e.target.value)} />
      <SelectField label={s.what} hideLabel className="w-40 max-sm:w-auto max-sm:flex-1" value={search.type ?? ""} onChange={(e) => set({ type: e.target.value || undefined })} options={[{ value: "", label: s.anyType }, ...types.map(([value, label]) => ({ value, label }))]} />
      {!own && <SelectField label={s.actor} hideLabel className="w-44 max-sm:w-auto max-sm:flex-1" value={search.actor ?? ""} onChange={(e) => set({ actor: e.target.value || undefined })} options={[{ value: "", label: s.anyActor }, ...actors.map(([value, label]) => ({ value, label }))]} />}
      <Pop
        label={s.period}
        align="start"
        trigger={
          <Button icon={<CalendarRange size={14} aria-hidden />} className="font-normal!">
            {s.period}
          </Button>
        }
      >
        <div className="flex w-64 flex-col gap-3">
          <div className="grid grid-cols-2 gap-2">
            {s.periods.map(([hours, label]) => (
              <Button key={label} size="small" onClick={() => set({ from: new Date(serverNow().getTime() - hours * 3_600_000).toISOString(), to: undefined })}>
                {label}
              </Button>
            ))}
          </div>
          <TextField label={s.from} type="datetime-local" value={search.from ? wallTime(search.from) : ""} onChange={(e) => set({ from: fromWallTime(e.target.value)?.toISOString() })} />
          <TextField label={s.to} type="datetime-local" value={search.to ? wallTime(search.to) : ""} onChange={(e) => set({ to: fromWallTime(e.target.value)?.toISOString() })} />
        </div>
      </Pop>
      <SavedViews page="history" looked={{ type: search.type, actor: search.actor, subject: search.subject, request: search.request, from: search.from, to: search.to, q: search.q }} />
      {(["from", "to"] as const).map(
        (k) =>
          search[k] && (
            <Pill key={k} label={s.removeFilter(s[k])} onRemove={() => set({ [k]: undefined })}>
              {s[k]} {formatAbsolute(new Date(search[k]), zone())}
            </Pill>
          ),
      )}
      {own && (
        <Pill label={s.removeFilter(s.actor)} onRemove={() => set({ actor: undefined })}>
          {s.actor} {search.actor!.replace(/^(\w+):(.{8}).*/, (_, k: string, id: string) => `${(s.actorKinds[k] ?? k).toLowerCase()} ${id}`)}
        </Pill>
      )}
      {search.subject && (
        <Pill label={s.removeFilter(s.subject)} onRemove={() => set({ subject: undefined })}>
          {s.subject} {search.subject.slice(0, 8)}
        </Pill>
      )}
      {search.request && (
        <Pill label={s.removeFilter(s.request)} onRemove={() => set({ request: undefined })}>
          {s.request} {search.request.slice(0, 8)}
        </Pill>
      )}
    </div>
  );
}
