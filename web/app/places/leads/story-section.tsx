import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { Section } from "@/app/page";
import { useChangeSearch } from "@/app/place-link";
import { useSession } from "@/app/session";
import { useAt, useGoToInstant } from "@/app/shell/time-machine";
import { useShortcuts } from "@/keys/registry";
import { Button, IconButton } from "@/ui/button";
import { w } from "@/words";
import { leadTimelineOptions, type Lead } from "./queries";
import { neighbour } from "./story";
import { Story } from "./story-view";

/** The story with its two ways through time: event by event ([ and ]), and everything at once. */
export function StorySection({ lead }: { lead: Lead }) {
  const { org } = useSession();
  const at = useAt();
  const jump = useGoToInstant();
  const change = useChangeSearch();
  const everything = (useSearch({ strict: false }) as { events?: string }).events === "all";
  const entries = useQuery(leadTimelineOptions(org, lead.id)).data ?? [];
  const step = (by: 1 | -1) => {
    const e = neighbour(entries, at, by);
    if (e) jump(new Date(e.time));
    else if (by > 0) jump();
  };
  useShortcuts([
    { keys: "[", label: w.leads.previousEvent, group: w.leads.one, run: () => step(-1) },
    { keys: "]", label: w.leads.nextEvent, group: w.leads.one, run: () => step(1) },
  ]);
  return (
    <Section
      title={w.leads.story}
      actions={
        entries.length > 0 && (
          <>
            <IconButton size="small" label={w.leads.previousEvent} onClick={() => step(-1)}>
              <ChevronLeft size={14} aria-hidden />
            </IconButton>
            {at && (
              <IconButton size="small" label={w.leads.nextEvent} onClick={() => step(1)}>
                <ChevronRight size={14} aria-hidden />
              </IconButton>
            )}
            <Button size="small" look="quiet" onClick={() => change({ events: everything ? undefined : "all" }, true)}>
              {everything ? w.leads.showStory : w.leads.showAll(entries.length)}
            </Button>
          </>
        )
      }
    >
      <div className="pt-2">
        <Story lead={lead} everything={everything} />
      </div>
    </Section>
  );
}
