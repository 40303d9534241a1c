import { forwardRef, useImperativeHandle, useRef, useState, type ForwardedRef } from "react";
import { api, must } from "@/api/client";
import { settled } from "@/api/operation";
import { personName, useMembers } from "@/app/names";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { showKeys } from "@/keys/registry";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { notes as words } from "@/words/en/notes";
import { mentionsIn } from "./notes";
import { useSuggest } from "./suggest";

const keyOf = (org: string, thread: string) => `outrider.note.${org}.${thread}`;

/** A note for members. @ names somebody, who is told of it. What is typed stays on this computer until the server has it. */
export const NoteForm = forwardRef(function NoteForm({ thread, onDone }: { thread: string; onDone: () => void }, ref: ForwardedRef<HTMLTextAreaElement>) {
  const { org, me } = useSession();
  const members = useMembers().filter((m) => m.id !== me.id);
  const key = keyOf(org, thread);
  const [text, setText] = useState(localStorage.getItem(key) ?? "");
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => area.current!);
  const type = (v: string) => {
    setText(v);
    if (v) localStorage.setItem(key, v);
    else localStorage.removeItem(key);
  };
  const people = useSuggest({
    mark: "@",
    label: words.people,
    options: members.map((m) => ({ id: m.id, label: personName(m), hint: m.email })),
    text,
    area,
    onPick: (o, before, after) => type(before + "@" + o.label + (after.startsWith(" ") ? "" : " ") + after),
  });
  const mentions = mentionsIn(text, members);
  const save = useWrite({
    run: async (said: string, header) => settled(await must(api.POST("/v1/inbox/{id}/notes", { params: { path: { id: thread }, header }, body: { text: said, mentions } }))),
    stale: () => [[org, "inbox", "notes"]],
    done: () => {
      type("");
      toast.say(words.saved);
      onDone();
    },
  });
  const submit = () => text.trim() && !save.isPending && save.mutate(text);
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
    >
      {people.list}
      <label className="sr-only" htmlFor={"note-" + thread}>
        {words.label}
      </label>
      <textarea
        id={"note-" + thread}
        ref={area}
        value={text}
        maxLength={5000}
        rows={Math.min(12, Math.max(3, text.split("\n").length + 1))}
        placeholder={words.placeholder}
        {...people.aria}
        onChange={(e) => {
          type(e.target.value);
          people.look(e);
        }}
        onBlur={people.close}
        onKeyDown={(e) => {
          if (people.onKey(e)) return;
          if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
            e.preventDefault();
            e.stopPropagation();
            submit();
          } else if (e.key === "Escape") e.currentTarget.blur();
        }}
        className="w-full max-w-[76ch] resize-y rounded-control border border-control bg-warn-soft px-2.5 py-2 placeholder:text-text-2"
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button type="submit" look="primary" size="small" busy={save.isPending} why={text.trim() ? undefined : words.empty}>
          {mentions.length > 0 ? words.saveTo(mentions.length) : words.save}
        </Button>
        <kbd className="text-meta text-text-3 max-sm:hidden">{showKeys("mod+enter")}</kbd>
      </div>
    </form>
  );
});
