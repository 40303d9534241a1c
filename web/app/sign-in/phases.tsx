import { useQuery } from "@tanstack/react-query";
import { Check, Circle, LoaderCircle } from "lucide-react";
import type { Schemas } from "@/api/client";
import { w } from "@/words";

export type Phase = Schemas["StartPhase"];

/** What /readyz says while the program starts: how far each part is. Nothing where it can't be reached. */
async function readPhases(): Promise<{ ready: boolean; phases: Phase[] } | null> {
  const r = await fetch("/readyz").catch(() => undefined);
  const body = (await r?.json().catch(() => undefined)) as Schemas["Readiness"] | undefined;
  return body ? { ready: body.ready, phases: body.phases ?? [] } : null;
}

/** How far the start of the program is; asked twice a second while somebody waits for it. */
export function usePhases(asking: boolean) {
  return useQuery({ queryKey: ["", "phases"], queryFn: readPhases, refetchInterval: asking ? 500 : false, gcTime: 0 }).data;
}

const marks = { ready: <Check size={14} aria-hidden className="text-good" />, starting: <LoaderCircle size={14} aria-hidden className="animate-spin text-text-3" />, waiting: <Circle size={14} aria-hidden className="text-text-3" /> };

/** The parts of a start, each with its time. */
export function Phases({ phases }: { phases: Phase[] }) {
  return (
    <ol className="flex flex-col gap-2" aria-label={w.signIn.phases}>
      {phases.map((p) => (
        <li key={p.name} className="flex items-center gap-2.5 text-table">
          {marks[p.state]}
          <span className="flex-1">{w.signIn.phaseState(w.signIn.phase[p.name] ?? p.name, p.state)}</span>
          <span className="text-text-3">{p.state === "waiting" ? w.signIn.phaseWaits : w.signIn.phaseTook(p.ms)}</span>
        </li>
      ))}
    </ol>
  );
}
