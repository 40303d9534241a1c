import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { queries } from "@/app/query";
import { w } from "@/words";
import { Frame } from "./frame";
import { Phases, usePhases, type Phase } from "./phases";
import { wrong } from "./sign-in";

// Taken once: what is after the # is gone from the address at once, and a second look at it would find nothing.
let taken: { token: string; signedIn: Promise<void> } | undefined;

/** The page of a program that starts. With a one-time link, what is after the # signs in as soon as that can be; without one it goes on when all is ready. */
export function Start() {
  const go = useNavigate();
  const { next } = useSearch({ strict: false });
  const [failed, setFailed] = useState<unknown>();
  const [link, setLink] = useState(true);
  const start = usePhases(!failed);
  useEffect(() => {
    if (!taken) {
      const token = location.hash.slice(1);
      history.replaceState(null, "", location.pathname + location.search);
      taken = { token, signedIn: token ? claim(token) : new Promise(() => {}) };
    }
    setLink(taken.token !== "");
    taken.signedIn.then(
      () => {
        taken = undefined;
        queries.clear();
        void go({ to: next ?? "/" });
      },
      (e: unknown) => {
        taken = undefined;
        setFailed(e);
      },
    );
  }, []);
  useEffect(() => {
    if (link || !start?.ready) return;
    taken = undefined;
    void go({ to: next ?? "/" });
  }, [link, start?.ready]);
  const title = failed ? w.signIn.linkGone : link ? w.signIn.start : w.signIn.starting;
  const phases = useWithOrganization(start?.phases ?? [], link);
  return (
    <Frame title={title} about={failed ? wrong(failed) : w.signIn.startAbout} below={failed ? <Link to="/signin">{w.signIn.title}</Link> : undefined}>
      {!failed && phases.length > 0 ? <Phases phases={phases} /> : null}
    </Frame>
  );
}

/** The parts of the start, and what a link waits for besides: the organisation that it leads to. */
function useWithOrganization(phases: Phase[], link: boolean): Phase[] {
  const began = useRef(0);
  if (!link || phases.length === 0) return phases;
  const ready = phases.every((p) => p.state === "ready");
  if (ready && !began.current) began.current = Date.now();
  return [...phases, { name: "organization", state: ready ? "starting" : "waiting", ms: ready ? Date.now() - began.current : 0 }];
}

async function claim(token: string) {
  for (let n = 0; n < 600; n++) {
    const r = await fetch("/v1/session/claim", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) }).catch(() => undefined);
    if (r?.ok) return;
    if (r && r.status !== 503 && r.status !== 502) throw new Error(w.signIn.linkGoneHint);
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(w.signIn.linkGoneHint);
}
