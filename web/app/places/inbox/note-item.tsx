import { StickyNote, Trash2 } from "lucide-react";
import { api, must } from "@/api/client";
import { personName, useMembers } from "@/app/names";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { IconButton } from "@/ui/button";
import { PlainText } from "@/ui/plain-text";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { notes as words } from "@/words/en/notes";
import type { Note } from "./notes";

/** What a member left for others; it is never sent, and looks like nothing that was. */
export function NoteItem({ note: n, may }: { note: Note; may: boolean }) {
  const { org } = useSession();
  const members = useMembers();
  const manages = useMay("members:manage");
  const [kind, id] = n.author.split(":");
  const name = (who?: string) => personName(members.find((m) => m.id === who)) || words.formerly;
  const remove = useWrite({
    run: (_: void, header) => must(api.DELETE("/v1/inbox/notes/{id}", { params: { path: { id: n.id }, header } })),
    stale: () => [[org, "inbox", "notes"]],
    done: () => toast.say(words.removed),
  });
  return (
    <article aria-label={words.by(kind === "person" ? name(id) : words.program)} className="flex flex-col gap-1 rounded-control bg-warn-soft px-3 py-2">
      <header className="flex items-center gap-2 text-table text-warn">
        <StickyNote size={14} aria-hidden className="shrink-0" />
        <span className="min-w-0 truncate font-medium">{words.by(kind === "person" ? name(id) : words.program)}</span>
        <span className="ml-auto text-meta">
          <Time at={n.created_at} />
        </span>
        {may && (n.mine || manages) && (
          <IconButton size="small" label={words.remove} busy={remove.isPending} onClick={() => remove.mutate()}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        )}
      </header>
      {n.text === undefined ? <p className="text-text-3">{words.gone}</p> : <PlainText text={n.text} />}
      {n.mentions.length > 0 && <p className="text-meta text-text-2">{words.tells(n.mentions.map(name).join(", "))}</p>}
    </article>
  );
}
