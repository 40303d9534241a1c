import { Trash2 } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { Button, IconButton } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { ScrollRegion } from "@/ui/scroll-region";
import { crmMap as m, fieldLabel } from "@/words/en/settings-crm";

type Mapped = Schemas["IntegrationField"];

/** Which field of leads is which property of contacts; a row for each. */
export function FieldRows({ draft, is, wrong, can, onChange }: { draft: Schemas["IntegrationMappingInput"]; is: Schemas["IntegrationMapping"]; wrong: Record<string, string>; can: boolean; onChange: (fields: Mapped[]) => void }) {
  const [own, setOwn] = useState("");
  const set = (i: number, part: Partial<Mapped>) => onChange(draft.fields.map((f, n) => (n === i ? { ...f, ...part } : f)));
  const label = (name: string) => is.properties.find((p) => p.name === name)?.label ?? name;
  const readOnly = (name: string) => is.properties.find((p) => p.name === name)?.read_only ?? false;
  const free = is.lead_fields.filter((f) => !draft.fields.some((o) => o.field === f));
  const freeThere = is.properties.filter((p) => !draft.fields.some((o) => o.remote === p.name));
  const add = (field: string) => {
    const guess = freeThere.find((p) => p.name === field.replace(/^custom\./, "").replaceAll("_", "")) ?? freeThere[0];
    if (guess) onChange([...draft.fields, { field, remote: guess.name, direction: guess.read_only ? "in" : "both", wins: "newest" }]);
  };
  const ownName = "custom." + own.trim().toLowerCase().replaceAll(/[^a-z0-9_]+/g, "_");
  return (
    <div className="flex flex-col gap-3">
      <ScrollRegion label={m.columns.field}>
        <table className="w-full min-w-[46rem] text-table">
          <thead>
            <tr className="border-b text-left text-text-3">
              {[m.columns.field, m.columns.remote, m.columns.direction, m.columns.wins].map((c) => (
                <th key={c} className="py-1.5 pr-3 font-medium">
                  {c}
                </th>
              ))}
              <th className="w-10">
                <span className="sr-only">{m.remove}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            <tr className="border-b">
              <td className="py-2 pr-3">{fieldLabel("email")}</td>
              <td className="py-2 pr-3">{m.email}</td>
              <td className="py-2 pr-3 text-text-3" colSpan={3}>
                {m.emailAlways}
              </td>
            </tr>
            {draft.fields.map((f, i) => {
              const problem = wrong[`fields.${i}.remote`] ?? wrong[`fields.${i}.direction`] ?? wrong[`fields.${i}.field`];
              return (
                <tr key={f.field} className="border-b align-top">
                  <td className="py-2.5 pr-3 whitespace-nowrap">{fieldLabel(f.field)}</td>
                  <td className="w-64 py-1 pr-3">
                    <SelectField
                      label={m.remoteOf(fieldLabel(f.field))}
                      hideLabel
                      disabled={!can}
                      error={problem}
                      value={f.remote}
                      options={[{ value: f.remote, label: label(f.remote) }, ...freeThere.map((p) => ({ value: p.name, label: p.label }))]}
                      onChange={(e) => set(i, { remote: e.target.value, ...(readOnly(e.target.value) ? { direction: "in" as const } : {}) })}
                    />
                  </td>
                  <td className="w-44 py-1 pr-3">
                    <SelectField label={m.directionOf(fieldLabel(f.field))} hideLabel disabled={!can} value={f.direction} options={readOnly(f.remote) ? m.directions.filter((o) => o.value === "in") : m.directions} onChange={(e) => set(i, { direction: e.target.value as Mapped["direction"] })} />
                  </td>
                  <td className="w-44 py-1 pr-3">
                    {f.direction === "both" ? (
                      <SelectField label={m.winsOf(fieldLabel(f.field))} hideLabel disabled={!can} value={f.wins} options={m.wins} onChange={(e) => set(i, { wins: e.target.value as Mapped["wins"] })} />
                    ) : (
                      <span className="inline-block py-1.5 text-text-3">–</span>
                    )}
                  </td>
                  <td className="py-1">{can && <IconButton label={m.removeOf(fieldLabel(f.field))} icon={<Trash2 size={15} aria-hidden />} onClick={() => onChange(draft.fields.filter((_, n) => n !== i))} />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollRegion>
      {can && (
        <div className="flex flex-wrap items-end gap-3">
          {free.length > 0 && (
            <SelectField className="w-56" label={m.add} value="" options={[{ value: "", label: m.choose }, ...free.map((f) => ({ value: f, label: fieldLabel(f) }))]} onChange={(e) => e.target.value && add(e.target.value)} />
          )}
          <TextField className="w-56" label={m.addOwn} placeholder="owner" maxLength={40} value={own} onChange={(e) => setOwn(e.target.value)} />
          <Button
            disabled={!own.trim() || draft.fields.some((f) => f.field === ownName)}
            onClick={() => {
              add(ownName);
              setOwn("");
            }}
          >
            {m.addDo}
          </Button>
        </div>
      )}
    </div>
  );
}
