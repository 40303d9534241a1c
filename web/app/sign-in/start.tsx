import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Check, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { queries } from "@/app/query";
import { w } from "@/words";
import { Frame } from "./frame";
import { wrong } from "./sign-in";

type Phase = { name: string; state: string; ms?: number };

/** What /readyz says before the engines are up: how far each is. */
async function readPhases(): Promise<Phase[]> {
  const r = await fetch("/readyz").catch(() => undefined);
  const body = (await r?.json().catch(() => undefined)) as { phases?: Phase[] } | undefined;
  return body?.phases ?? [];
}

// Taken once: what is after the # is gone from the address at once, and a second look at it would find nothing.
let taken: Promise<void> | undefined;

/** The one-time link of the first run: what is after the # signs in, once. It waits for the engines, and says how far they are. */
export function Start() {
  const go = useNavigate();
  const [failed, setFailed] = useState<unknown>();
  const phases = useQuery({ queryKey: ["", "phases"], queryFn: readPhases, refetchInterval: failed ? false : 500 });
  useEffect(() => {
    if (!taken) {
      const token = location.hash.slice(1);
      history.replaceState(null, "", "/start");
      taken = claim(token);
    }
    taken.then(
      () => {
        taken = undefined;
        queries.clear();
        void go({ to: "/" });
      },
      (e: unknown) => {
        taken = undefined;
        setFailed(e);
      },
    );
  }, []);
  return (
    <Frame title={failed ? w.signIn.linkGone : w.signIn.start} about={failed ? wrong(failed) : w.signIn.startAbout} below={failed ? <Link to="/signin">{w.signIn.title}</Link> : undefined}>
      {!failed && phases.data?.length ? (
        <ol className="flex flex-col gap-2" aria-label={w.signIn.phases}>
          {phases.data.map((p) => {
            const done = p.state === "ready" || p.state === "done" || p.state === "up";
            return (
              <li key={p.name} className="flex items-center gap-2.5 text-table">
                {done ? <Check size={14} aria-hidden className="text-good" /> : <LoaderCircle size={14} aria-hidden className="animate-spin text-text-3" />}
                <span className="flex-1">{w.signIn.phase[p.name] ?? p.name}</span>
                <span className="text-text-3">{p.ms !== undefined && done ? w.signIn.phaseTook(p.ms) : done ? "" : p.state}</span>
              </li>
            );
          })}
        </ol>
      ) : null}
    </Frame>
  );
}

async function claim(token: string) {
  for (let n = 0; n < 240; n++) {
    const r = await fetch("/v1/session/claim", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) }).catch(() => undefined);
    if (r?.ok) return;
    if (r && r.status !== 503 && r.status !== 502) throw new Error(w.signIn.linkGoneHint);
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(w.signIn.linkGoneHint);
}
