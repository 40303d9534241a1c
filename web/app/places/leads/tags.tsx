import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { IconButton } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { PlaceLink } from "@/app/place-link";
import { tagsIn } from "./bulk-dialog";
import { leadOptions, type Lead } from "./queries";

/** Tags change at once; what the server refuses goes back to how it was. */
export function TagList({ lead }: { lead: Lead }) {
  const { org } = useSession();
  const client = useQueryClient();
  const may = useMay("leads:write") && !useAt();
  const [text, setText] = useState("");
  const key = leadOptions(org, lead.id).queryKey;
  const write = useWrite({
    run: (tags: string[], header) => must(api.PATCH("/v1/leads/{id}", { params: { path: { id: lead.id }, header: { ...header, "If-Match": "*" } }, body: { tags } })),
    stale: () => [[org, "leads"], [org, "lead-rows"]],
    onProblem: () => void client.invalidateQueries({ queryKey: key }),
  });
  const set = (tags: string[], say: string) => {
    const before = lead.tags;
    client.setQueryData(key, { ...lead, tags });
    write.mutate(tags, { onSuccess: () => toast.say(say, () => write.mutate(before)) });
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5 pt-2">
      {lead.tags.map((t) => (
        <span key={t} className="inline-flex items-center">
          <PlaceLink to="/leads" search={{ tag: t }} className="inline-flex min-h-6 items-center">
            <Chip>{t}</Chip>
          </PlaceLink>
          {may && (
            <button type="button" aria-label={w.leads.removeTag(t)} className="size-6 rounded-control text-text-3 hover:bg-surface-2 hover:text-text-1" onClick={() => set(lead.tags.filter((x) => x !== t), w.leads.untagged(t))}>
              ×
            </button>
          )}
        </span>
      ))}
      {may && (
        <form
          className="inline-flex items-center"
          onSubmit={(e) => {
            e.preventDefault();
            const more = tagsIn(text).filter((t) => !lead.tags.includes(t));
            setText("");
            if (more.length) set([...lead.tags, ...more], w.leads.tagged(more.join(", ")));
          }}
        >
          <input aria-label={w.leads.addTag} placeholder={w.leads.addTag} value={text} onChange={(e) => setText(e.target.value)} maxLength={100} className="h-7 w-28 rounded-control border border-transparent bg-transparent px-1.5 text-table hover:border-control focus:border-control" />
          {text && (
            <IconButton size="small" type="submit" label={w.leads.addTag}>
              <Plus size={14} aria-hidden />
            </IconButton>
          )}
        </form>
      )}
    </div>
  );
}
