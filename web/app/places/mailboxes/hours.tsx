import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { SaveBar } from "@/app/save-bar";
import { useMay, useSession } from "@/app/session";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { pacing as p } from "@/words/en/pacing";
import { WindowsEdit } from "@/app/windows-edit";
import { hoursOptions } from "./queries";

type Window = Schemas["Window"];

/** When a mailbox sends, by its own clock. */
export default function Hours({ id }: { id: string }) {
  const { org } = useSession();
  const may = useMay("mailboxes:write");
  const asked = useQuery(hoursOptions(org, id));
  const server = asked.data?.windows ?? [];
  const [windows, setWindows] = useState<Window[]>([]);
  useEffect(() => setWindows(asked.data?.windows ?? []), [asked.data]);
  const save = useWrite({
    run: (all: Window[], header) => must(api.PUT("/v1/mailboxes/{id}/hours", { params: { path: { id }, header }, body: { windows: all } })),
    stale: () => [
      [org, "mailboxes"],
      [org, "plan"],
    ],
    done: () => void toast.say(p.hoursSaved),
  });
  return (
    <Section title={p.hours}>
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      <WindowsEdit label={p.hours} about={p.hoursAbout} windows={windows} onChange={setWindows} may={may} />
      {may && JSON.stringify(windows) !== JSON.stringify(server) && <SaveBar label={p.saveHours} busy={save.isPending} onDiscard={() => setWindows(server)} onSave={() => save.mutate(windows)} />}
    </Section>
  );
}
