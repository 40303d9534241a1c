import { useState } from "react";
import { api, must } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { useDraft } from "@/app/draft";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { showKeys } from "@/keys/registry";
import { Button } from "@/ui/button";
import { TextArea, TextField } from "@/ui/field";
import { PlainText } from "@/ui/plain-text";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import type { Message } from "./queries";

type Text = { subject: string; body: string; draft: number };

/** The text of a draft, to be written by a person. What is typed stays in this browser until the server has it. */
export function DraftEditor({ message: m, onDone }: { message: Message; onDone: () => void }) {
  const { org } = useSession();
  const [kept, keep] = useDraft(`message.${org}.${m.id}`);
  const [problem, setProblem] = useState<ProblemError>();
  const saved: Text = { subject: m.subject ?? "", body: m.body ?? "", draft: m.draft };
  const text: Text = kept ? (JSON.parse(kept) as Text) : saved;
  const stale = text.draft !== m.draft;
  const type = (t: Partial<Text>) => keep(JSON.stringify({ ...text, ...t }));
  const leave = () => {
    keep(undefined);
    onDone();
  };
  const save = useWrite({
    run: (draft: number, header) => must(api.PUT("/v1/messages/{id}/draft", { params: { path: { id: m.id }, header }, body: { subject: text.subject, body: text.body, draft } })),
    stale: () => [[org, "messages"]],
    done: () => {
      toast.say(w.inbox.draftSaved);
      leave();
    },
    onProblem: (e) => {
      setProblem(e);
      return true;
    },
  });
  const why = !text.subject.trim() || !text.body.trim() ? w.inbox.draftBlank : undefined;
  const submit = () => !why && !save.isPending && save.mutate(m.draft);
  return (
    <form
      className="flex max-w-[76ch] flex-col gap-3"
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
      onKeyDown={(e) => {
        if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
          e.preventDefault();
          e.stopPropagation();
          submit();
        }
      }}
    >
      <TextField label={w.inbox.subject} value={text.subject} maxLength={500} onChange={(e) => type({ subject: e.target.value })} />
      <TextArea label={w.inbox.text} hint={w.inbox.draftHint} value={text.body} maxLength={10_000} autoFocus rows={Math.min(18, Math.max(8, text.body.split("\n").length + 1))} onChange={(e) => type({ body: e.target.value })} />
      {problem && <ProblemNote error={problem} />}
      {stale && (
        <div className="border-l-2 border-warn pl-3">
          <p className="text-warn">{w.inbox.draftNewer(m.draft, m.writer)}</p>
          <p className="mt-2 font-medium">{m.subject}</p>
          <PlainText text={m.body ?? ""} className="mt-1 text-text-2" />
        </div>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" size="small" busy={save.isPending} why={why}>
          {stale ? w.inbox.saveDraftOver : w.inbox.saveDraft}
        </Button>
        <Button size="small" onClick={leave}>
          {w.inbox.draftDiscard}
        </Button>
        <kbd className="text-meta text-text-3 max-sm:hidden">{showKeys("mod+enter")}</kbd>
      </div>
    </form>
  );
}
