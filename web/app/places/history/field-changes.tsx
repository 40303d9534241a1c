import type { Schemas } from "@/api/client";
import { zone } from "@/app/zone";
import { ScrollRegion } from "@/ui/scroll-region";
import { w } from "@/words";
import { formatAbsolute } from "@/words/format";

const s = w.history;

/** What differs of an object, field by field; both sides are JSON. */
export function FieldChanges({ changes, before, after }: { changes: Schemas["FieldChange"][]; before: string; after: string }) {
  if (changes.length === 0) return <p className="py-2 text-text-2">{s.nothingChanged}</p>;
  return (
    <ScrollRegion label={s.changed}>
      <table className="w-full min-w-[30rem] table-fixed text-left text-table">
        <thead className="text-text-3">
          <tr className="border-b">
            <th scope="col" className="w-40 py-1.5 pr-4 font-medium">{s.field}</th>
            <th scope="col" className="py-1.5 pr-4 font-medium">{before}</th>
            <th scope="col" className="py-1.5 font-medium">{after}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((c) => (
            <tr key={c.field} className="border-b align-top last:border-b-0">
              <th scope="row" className="py-1.5 pr-4 font-normal break-words text-text-3">{c.field.replaceAll("_", " ")}</th>
              <td className="py-1.5 pr-4 break-words whitespace-pre-wrap text-text-2">{inWords(c.before)}</td>
              <td className="py-1.5 break-words whitespace-pre-wrap">{inWords(c.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** A value of JSON as a person reads it; instants in the zone in which times are shown. */
export function inWords(json: string | undefined): string {
  if (json === undefined) return "–";
  let v: unknown;
  try {
    v = JSON.parse(json);
  } catch {
    return json;
  }
  if (v === null || v === "") return "–";
  if (typeof v === "string") return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(v) ? formatAbsolute(new Date(v), zone()) : v;
  if (Array.isArray(v) && v.every((x) => typeof x === "string" || typeof x === "number")) return v.length ? v.join(", ") : "–";
  return typeof v === "object" ? JSON.stringify(v, null, 1) : String(v);
}
