import { useNavigate } from "@tanstack/react-router";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import type { Campaign } from "./queries";

export const match = (version: number) => ({ "If-Match": `"${version}"` });

/** What can be done with a campaign as a whole; pausing has its way back. */
export function useCampaignActions(campaign: Campaign) {
  const { org, slug } = useSession();
  const go = useNavigate();
  const { id, name, version } = campaign;
  const path = { id };
  const stale = () => [
    [org, "campaigns"],
    [org, "enrollments"],
  ];
  const pause = useWrite({
    run: (_: void, header) => must(api.POST("/v1/campaigns/{id}/pause", { params: { path, header } })),
    stale,
    done: () => toast.say(w.campaigns.paused(name), () => resume.mutate()),
  });
  const resume = useWrite({
    run: (_: void, header) => must(api.POST("/v1/campaigns/{id}/resume", { params: { path, header } })),
    stale,
    done: () => toast.say(w.campaigns.resumed(name), () => pause.mutate()),
  });
  const complete = useWrite({
    run: (_: void, header) => must(api.POST("/v1/campaigns/{id}/complete", { params: { path, header } })),
    stale,
    done: () => toast.say(w.campaigns.completed(name)),
  });
  const archive = useWrite({
    run: (_: void, header) => must(api.POST("/v1/campaigns/{id}/archive", { params: { path, header } })),
    stale,
    done: () => toast.say(w.campaigns.archivedNow(name), () => unarchive.mutate()),
  });
  const unarchive = useWrite({
    run: (_: void, header) => must(api.POST("/v1/campaigns/{id}/unarchive", { params: { path, header } })),
    stale,
    done: () => toast.say(w.campaigns.unarchivedNow(name), () => archive.mutate()),
  });
  const rename = useWrite({
    run: (to: string, header) => must(api.PATCH("/v1/campaigns/{id}", { params: { path, header: { ...header, ...match(version) } }, body: { name: to } })),
    stale,
  });
  const remove = useWrite({
    run: (_: void, header) => must(api.DELETE("/v1/campaigns/{id}", { params: { path, header: { ...header, ...match(version) } } })),
    stale,
    done: () => {
      toast.say(w.campaigns.removed(name));
      void go({ to: `/o/${slug}/campaigns` as "/" });
    },
  });
  const copy = useWrite({
    run: (_: void, header) =>
      must(
        api.POST("/v1/campaigns/{id}/duplicate", { params: { path, header }, body: { name: w.campaigns.copyName(name).slice(0, 200) } }),
      ),
    stale,
    done: (_, made) => void go({ to: `/o/${slug}/campaigns/${made.id}/steps` as "/" }),
  });
  return { pause, resume, complete, rename, remove, copy, archive, unarchive };
}

/** The same steps, without their ids: they get new ones. */
export function stepsAnew(steps: Campaign["steps"]) {
  return steps.map((s) => ({ kind: "email" as const, delay_days: s.delay_days, variants: s.variants.map((v) => ({ name: v.name, subject: v.subject, body: v.body, weight: v.weight })) }));
}
