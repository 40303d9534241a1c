import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, must } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { useSession } from "@/app/session";
import { match } from "./actions";
import type { StepText } from "./diff";
import { campaignOptions, type Campaign } from "./queries";

type Kept = { base: StepText[]; steps: StepText[] };
export type Saving = "saved" | "typing" | "saving" | "local" | "failed" | "conflict";

const keyOf = (id: string) => "outrider.steps." + id;
export const same = (a: StepText[], b: StepText[]) => JSON.stringify(plain(a)) === JSON.stringify(plain(b));

/** Only what is edited, in one order. */
function plain(steps: StepText[]) {
  return steps.map((s) => ({ step_id: s.step_id, delay_days: s.delay_days, variants: s.variants.map((v) => ({ variant_id: v.variant_id, name: v.name ?? "", subject: v.subject, body: v.body, weight: v.weight })) }));
}

function kept(id: string): Kept | undefined {
  try {
    return JSON.parse(localStorage.getItem(keyOf(id)) ?? "") as Kept;
  } catch {
    return undefined;
  }
}

/**
 * The steps as they are typed. What the server doesn't have yet is kept in this browser. A draft is saved as typed; of a campaign that was launched
 * everything stays here until it is published. When somebody else was quicker, both are shown and nothing is overwritten.
 */
export function useSteps(campaign: Campaign, may: boolean) {
  const { org } = useSession();
  const client = useQueryClient();
  const draft = campaign.status === "draft";
  const server = campaign.steps as StepText[];
  const [{ base, steps }, setBoth] = useState<Kept>(() => {
    const k = kept(campaign.id);
    return k && !same(k.steps, server) ? k : { base: server, steps: server };
  });
  const [saving, setSaving] = useState<Saving>(() => (same(steps, server) ? "saved" : draft ? "typing" : "local"));
  const [problem, setProblem] = useState<ProblemError>();
  const newest = useRef(steps);
  newest.current = steps;
  const version = useRef(campaign.version);
  const busy = useRef(false);
  const changed = !same(steps, base);
  const elsewhere = !same(server, base);

  useEffect(() => {
    version.current = Math.max(version.current, campaign.version);
    if (!elsewhere || busy.current) return;
    if (!changed || same(steps, server)) {
      setBoth({ base: server, steps: server });
      setSaving("saved");
    } else setSaving("conflict");
  }, [campaign.version, server]);

  useEffect(() => {
    if (changed) localStorage.setItem(keyOf(campaign.id), JSON.stringify({ base, steps }));
    else localStorage.removeItem(keyOf(campaign.id));
  }, [steps, base]);

  const put = useCallback(
    async (list: StepText[]): Promise<boolean> => {
      busy.current = true;
      setSaving("saving");
      setProblem(undefined);
      const params = { path: { id: campaign.id } };
      try {
        for (let tries = 0; ; tries++) {
          try {
            const r = await must(api.PATCH("/v1/campaigns/{id}", { params: { ...params, header: match(version.current) }, body: { steps: plain(list) as never } }));
            if (!("steps" in r)) throw new Error("not decided yet");
            version.current = r.version;
            client.setQueryData(campaignOptions(org, campaign.id).queryKey, r as Campaign);
            setBoth((b) => ({ base: r.steps as StepText[], steps: same(b.steps, list) ? (r.steps as StepText[]) : b.steps }));
            setSaving(same(newest.current, list) ? "saved" : "typing");
            return true;
          } catch (err) {
            if (!(err instanceof ProblemError) || err.status !== 412 || tries > 2) throw err;
            // Something else of the campaign was changed: try again. The steps themselves: show both.
            const now = await must(api.GET("/v1/campaigns/{id}", { params }));
            version.current = now.version;
            if (!same(now.steps as StepText[], base)) {
              client.setQueryData(campaignOptions(org, campaign.id).queryKey, now);
              setSaving("conflict");
              return false;
            }
          }
        }
      } catch (err) {
        if (err instanceof ProblemError) setProblem(err);
        setSaving("failed");
        return false;
      } finally {
        busy.current = false;
      }
    },
    [campaign.id, org, base],
  );

  useEffect(() => {
    if (!draft || !may || saving !== "typing") return;
    const t = setTimeout(() => void put(newest.current), 700);
    return () => clearTimeout(t);
  }, [steps, saving, draft, may, put]);

  // Who leaves the page in the middle of a word has it saved all the same.
  const leave = useRef(() => {});
  leave.current = () => {
    if (draft && may && saving === "typing") void put(newest.current);
  };
  useEffect(() => () => leave.current(), []);

  const edit = (change: (steps: StepText[]) => StepText[]) => {
    setBoth((b) => ({ ...b, steps: change(b.steps) }));
    setSaving((s) => (s === "conflict" ? s : draft ? "typing" : "local"));
  };
  return {
    steps,
    server,
    saving,
    problem,
    changed: !same(steps, server),
    edit,
    save: () => put(newest.current),
    takeTheirs: () => {
      setBoth({ base: server, steps: server });
      setSaving("saved");
    },
    keepMine: () => {
      setBoth((b) => ({ base: server, steps: b.steps }));
      setSaving(draft ? "typing" : "local");
    },
  };
}
