import { Section } from "@/app/page";
import { PlaceLink } from "@/app/place-link";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import type { Import } from "./queries";

/** The numbers; each opens the rows, or the people, that it counts. */
export function Outcomes({ value: i }: { value: Import }) {
  const here = `/imports/${i.id}`;
  const list: { id: string; n: number; to: string; search: Record<string, string> }[] = [
    { id: "created", n: i.created, to: i.dry_run ? here : "/leads", search: i.dry_run ? { outcome: "created" } : { import_id: i.id } },
    { id: "updated", n: i.updated, to: here, search: { outcome: "updated" } },
    { id: "duplicate", n: i.duplicates, to: here, search: { outcome: "duplicate" } },
    { id: "rejected", n: i.rejected, to: here, search: { outcome: "rejected" } },
    { id: "suppressed", n: i.suppressed, to: here, search: { outcome: "warned" } },
  ];
  return (
    <Section title={i.dry_run ? w.imports.wouldBe : w.imports.became}>
      <dl className="grid grid-cols-5 gap-x-6 gap-y-4 pt-3 max-md:grid-cols-2">
        {list.map((o) => (
          <div key={o.id} className="flex min-w-0 flex-col-reverse justify-end">
            <dt>
              <span className="font-medium">{w.imports.outcome[o.id]}</span>
              <span className="block text-table text-text-3">{w.imports.outcomeAbout[o.id]}</span>
            </dt>
            <dd className="text-figure font-semibold">{o.n > 0 ? <PlaceLink to={o.to} search={o.search}>{formatCount(o.n)}</PlaceLink> : <span className="text-text-3">0</span>}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** Columns and kinds of values that went nowhere. */
export function LeftOut({ value }: { value: Import }) {
  if (value.left_out.length === 0) return null;
  return (
    <Section title={w.imports.leftOutTitle}>
      <ul className="pt-1">
        {value.left_out.map((l, n) => (
          <li key={n} className="flex flex-wrap gap-x-3 border-b py-1.5 last:border-0">
            <span className="font-medium">{l.column ?? w.imports.targets[l.field ?? ""] ?? l.field}</span>
            <span className="text-text-2">{l.reason}</span>
            {!!l.rows && (
              <PlaceLink to={`/imports/${value.id}`} search={{ outcome: "warned" }}>
                {w.imports.leftOutRows(l.rows)}
              </PlaceLink>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
