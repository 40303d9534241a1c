import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, must } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { mailboxFolders as m } from "@/words/en/mailbox-folders";
import { w } from "@/words";

const foldersOptions = (org: string, id: string) => queryOptions({ queryKey: [org, "mailboxes", "folders", id], queryFn: () => must(api.GET("/v1/mailboxes/{id}/folders", { params: { path: { id } } })) });

/** Which folders of a mailbox are read for answers, and which more could be. */
export default function Folders({ id }: { id: string }) {
  const { org } = useSession();
  const may = useMay("mailboxes:write");
  const asked = useQuery(foldersOptions(org, id));
  const all = asked.data?.folders ?? [];
  const base = all.filter((f) => f.chosen).map((f) => f.name);
  const [chosen, setChosen] = useState<string[]>([]);
  useEffect(() => setChosen(base), [base.join("\n")]);
  const save = useWrite({
    run: (folders: string[], header) => must(api.PUT("/v1/mailboxes/{id}/folders", { params: { path: { id }, header }, body: { folders } })),
    stale: () => [[org, "mailboxes"]],
    done: () => toast.say(m.saved),
  });
  const changed = chosen.join("\n") !== base.join("\n");
  return (
    <Section title={m.title}>
      <p className="max-w-[72ch] py-2 text-text-2">{m.about}</p>
      {asked.isPending && <SkeletonRows rows={4} />}
      {asked.isError && <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.data && !asked.data.listed && <p className="py-1 text-text-2">{m.notListed}</p>}
      <ul className="flex flex-col">
        {all.map((f) => (
          <li key={f.name} className="flex min-w-0 flex-wrap items-baseline justify-between gap-x-4 border-b py-1.5">
            {f.reading === "always" || f.reading === "never" ? (
              <span className={f.reading === "never" ? "min-w-0 break-words text-text-3" : "min-w-0 break-words"}>{f.shown}</span>
            ) : (
              <CheckField label={f.shown} disabled={!may} checked={chosen.includes(f.name)} onChange={(e) => setChosen((x) => (e.target.checked ? [...x, f.name] : x.filter((n) => n !== f.name)))} />
            )}
            <span className="text-table text-text-3">
              {[f.use && m.uses[f.use], f.reading === "always" ? m.always : f.reading === "never" ? m.never : "", asked.data?.missing?.includes(f.name) && m.missing].filter(Boolean).join(", ")}
              {f.read_at && (
                <>
                  {" "}
                  {m.readAt} <Time at={f.read_at} past />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {changed && may && (
        <div className="flex flex-wrap justify-end gap-3 py-3">
          <Button onClick={() => setChosen(base)}>{w.campaigns.discard}</Button>
          <Button look="primary" busy={save.isPending} onClick={() => save.mutate(chosen)}>
            {m.save}
          </Button>
        </div>
      )}
    </Section>
  );
}
