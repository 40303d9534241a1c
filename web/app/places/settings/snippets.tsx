import { useQuery } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { api, must } from "@/api/client";
import { settled } from "@/api/operation";
import { snippetsOptions, type Snippet } from "@/app/places/inbox/snippets";
import { useCan } from "@/app/may";
import { personName, useMembers } from "@/app/names";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { TextArea, TextField } from "@/ui/field";
import { Menu, Modal } from "@/ui/overlay";
import { PlainText } from "@/ui/plain-text";
import { Empty, ProblemNote, SkeletonRows } from "@/ui/states";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { snippets as words } from "@/words/en/snippets";
import { Body } from "./row";

/** What is answered again and again. */
export default function SnippetsSection() {
  const { org } = useSession();
  const can = useCan("messages:write");
  const list = useQuery(snippetsOptions(org));
  const [editing, setEditing] = useState<Snippet | "new">();
  const rows = list.data ?? [];
  const add = can && (
    <Button look="primary" onClick={() => setEditing("new")}>
      {words.add}
    </Button>
  );
  return (
    <Body>
      {list.error ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <SkeletonRows rows={4} />
      ) : rows.length === 0 ? (
        <Empty title={words.empty} needs={words.emptyNeeds} action={add || undefined} />
      ) : (
        <>
          <div className="-mb-4 flex flex-wrap items-center gap-2">
            <span role="status" className="text-table text-text-3">
              {words.count(rows.length)}
            </span>
            <span className="ml-auto">{add}</span>
          </div>
          <ul>
            {rows.map((s) => (
              <Row key={s.id} snippet={s} can={can} onEdit={() => setEditing(s)} />
            ))}
          </ul>
        </>
      )}
      {editing && <SnippetForm snippet={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </Body>
  );
}

function Row({ snippet: s, can, onEdit }: { snippet: Snippet; can: boolean; onEdit: () => void }) {
  const { org } = useSession();
  const members = useMembers();
  const [kind, id] = s.changed_by.split(":");
  const again = useWrite({
    run: async (was: Snippet, header) => settled(await must(api.POST("/v1/snippets", { params: { header }, body: { name: was.name, text: was.text } }))),
    stale: () => [[org, "snippets"]],
  });
  const remove = useWrite({
    run: (_: void, header) => must(api.DELETE("/v1/snippets/{id}", { params: { path: { id: s.id }, header } })),
    stale: () => [[org, "snippets"]],
    done: () => toast.say(words.removed, () => again.mutate(s)),
  });
  return (
    <li className="flex items-start gap-4 border-b py-3">
      <div className="min-w-0 flex-1">
        <h3 className="font-medium break-words">{s.name}</h3>
        <PlainText text={s.text} className="mt-0.5 line-clamp-3 text-table text-text-2" />
        <p className="mt-1 text-meta text-text-3">
          {words.changedBy((kind === "person" && personName(members.find((m) => m.id === id))) || words.program)} <Time past at={s.updated_at} />
        </p>
      </div>
      {can && (
        <Menu
          trigger={
            <Button look="quiet" size="small" aria-label={words.actions(s.name)}>
              <Ellipsis size={16} aria-hidden />
            </Button>
          }
          entries={[
            { label: words.edit, onSelect: onEdit },
            { label: words.remove, onSelect: () => remove.mutate() },
          ]}
        />
      )}
    </li>
  );
}

function SnippetForm({ snippet: s, onClose }: { snippet?: Snippet; onClose: () => void }) {
  const { org } = useSession();
  const [name, setName] = useState(s?.name ?? "");
  const [text, setText] = useState(s?.text ?? "");
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const save = useWrite({
    run: async (_: void, header) => {
      const body = { name: name.trim(), text };
      if (s) return settled(await must(api.PUT("/v1/snippets/{id}", { params: { path: { id: s.id }, header: { ...header, "If-Match": `"${s.version}"` } }, body })));
      return settled(await must(api.POST("/v1/snippets", { params: { header }, body })));
    },
    stale: () => [[org, "snippets"]],
    done: () => {
      onClose();
      toast.say(words.saved);
    },
    onProblem: (err) => {
      if (err.problem.code === "already_exists") return setWrong({ name: words.taken }), true;
      const list = err.problem.errors ?? [];
      if (list.length === 0) return false;
      setWrong(Object.fromEntries(list.map((e) => [e.field.replace(/^body\./, ""), e.reason])));
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={s ? words.edit : words.add} about={s ? words.editAbout : words.addAbout}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          setWrong({});
          save.mutate();
        }}
      >
        <TextField label={words.name} hint={words.nameHint} autoFocus required maxLength={100} value={name} error={wrong.name} onChange={(e) => setName(e.target.value)} />
        <TextArea label={words.text} hint={words.textHint} rows={8} required maxLength={10_000} value={text} error={wrong.text} onChange={(e) => setText(e.target.value)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" type="submit" busy={save.isPending}>
            {words.save}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
