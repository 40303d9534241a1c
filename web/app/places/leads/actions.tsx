import { MoreHorizontal, Pencil } from "lucide-react";
import { useState } from "react";
import { api, must } from "@/api/client";
import { personName } from "@/app/names";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { useShortcuts } from "@/keys/registry";
import { Button, IconButton } from "@/ui/button";
import { Menu, type MenuEntry } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { EditLead } from "./edit";
import { EraseLead, RemoveLead } from "./goodbye";
import type { Lead } from "./queries";

/** What can be done with one person. Nothing can in the past. */
export function LeadActions({ lead }: { lead: Lead }) {
  const { org } = useSession();
  const at = useAt();
  const may = { write: useMay("leads:write"), suppress: useMay("suppressions:write"), erase: useMay("leads:erase") };
  const [open, setOpen] = useState<"edit" | "remove" | "erase">();
  const stale = () => [[org, "leads"], [org, "lead-rows"], [org, "suppressions"], [org, "enrollments"]];
  const lift = useWrite({ run: (id: string, header) => must(api.DELETE("/v1/suppressions/{id}", { params: { path: { id }, header } })), stale, done: () => toast.say(w.leads.lifted) });
  const suppress = useWrite({
    run: (_: void, header) => must(api.POST("/v1/suppressions", { params: { header }, body: { items: [{ value: lead.email ?? "", kind: "address", subdomains: false, reason: "manual" }] } })),
    stale,
    done: (_, made) => {
      const id = "data" in made ? made.data[0]?.id : undefined;
      toast.say(w.leads.suppressedDone, id ? () => lift.mutate(id) : undefined);
    },
  });
  const mayEdit = may.write && !at && !lead.erased_at;
  useShortcuts(mayEdit ? [{ keys: "e", label: w.leads.edit, group: w.leads.one, run: () => setOpen("edit"), palette: true }] : []);
  if (at || lead.erased_at) return null;
  const entries: MenuEntry[] = [
    ...(may.suppress && lead.email && !lead.suppressed ? [{ label: w.leads.suppressOne, onSelect: () => suppress.mutate() }] : []),
    ...(may.write ? [{ label: w.leads.removeOne, onSelect: () => setOpen("remove") }] : []),
    ...(may.erase ? (["line", { label: w.leads.eraseOne, onSelect: () => setOpen("erase") }] as MenuEntry[]) : []),
  ];
  return (
    <div className="flex items-center gap-1">
      {mayEdit && (
        <Button size="small" icon={<Pencil size={14} aria-hidden />} onClick={() => setOpen("edit")}>
          {w.leads.edit}
        </Button>
      )}
      {entries.length > 0 && (
        <Menu
          trigger={
            <IconButton size="small" label={w.leads.more}>
              <MoreHorizontal size={16} aria-hidden />
            </IconButton>
          }
          entries={entries}
        />
      )}
      {open === "edit" && <EditLead lead={lead} onClose={() => setOpen(undefined)} />}
      {open === "remove" && <RemoveLead lead={lead} name={personName(lead)} onClose={() => setOpen(undefined)} />}
      {open === "erase" && <EraseLead lead={lead} name={personName(lead)} onClose={() => setOpen(undefined)} />}
    </div>
  );
}
