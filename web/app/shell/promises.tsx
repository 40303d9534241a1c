import { CircleAlert, CircleCheck } from "lucide-react";
import { useState } from "react";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";
import { formatCount } from "@/words/format";
import type { Clock } from "./clock-query";

const s = w.timeLapse;

/** What must never happen, how often it did in what was played, and what it was counted from. */
export function Promises({ findings, className }: { findings: NonNullable<Clock["findings"]>; className: string }) {
  const [open, setOpen] = useState(false);
  const kept = findings.filter((f) => f.count === 0).length;
  return (
    <>
      <button type="button" className={className} onClick={() => setOpen(true)}>
        {s.kept(kept, findings.length)}
      </button>
      <Modal wide open={open} onClose={() => setOpen(false)} title={s.promises} about={s.promisesAbout}>
        <ul>
          {findings.map((f) => (
            <li key={f.kind} className="grid grid-cols-[1.25rem_minmax(0,1fr)_auto] items-baseline gap-x-3 border-b py-2.5 last:border-b-0">
              {f.count === 0 ? <CircleCheck size={16} aria-hidden className="translate-y-0.5 text-good" /> : <CircleAlert size={16} aria-hidden className="translate-y-0.5 text-bad" />}
              <div>
                <p className="font-medium">{s.promise[f.kind] ?? f.kind}</p>
                <p className="text-table text-text-2">{s.check[f.kind]}</p>
              </div>
              <p className={f.count === 0 ? "whitespace-nowrap" : "font-medium whitespace-nowrap text-bad"}>
                <span className="text-section font-semibold">{formatCount(f.count)}</span> <span className="text-table text-text-3">{s.of(f.kind, f.of)}</span>
              </p>
            </li>
          ))}
        </ul>
      </Modal>
    </>
  );
}
