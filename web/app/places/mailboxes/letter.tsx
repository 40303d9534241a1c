import { lazy, Suspense, useEffect, useState } from "react";
import { api, must } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField, TextArea } from "@/ui/field";
import { loadPart } from "@/ui/load-part";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { mailboxLetter as m } from "@/words/en/mailbox-letter";
import { w } from "@/words";
import type { Mailbox } from "./queries";

const LetterPreview = lazy(() => loadPart(() => import("./letter-preview")));

type Letter = { text: string; html: string; copies: boolean };

const letterOf = (box: Mailbox): Letter => ({ text: box.signature?.text ?? "", html: box.signature?.html ?? "", copies: !!box.keep_copies });

/** What a mailbox adds to its messages, and whether it keeps copies of them. */
export default function LetterForm({ box }: { box: Mailbox }) {
  const { org } = useSession();
  const may = useMay("mailboxes:write");
  const [letter, setLetter] = useState<Letter>(letterOf(box));
  const [problem, setProblem] = useState<ProblemError>();
  const base = letterOf(box);
  useEffect(() => setLetter(letterOf(box)), [box.signature?.text, box.signature?.html, box.keep_copies]);
  const save = useWrite({
    run: (l: Letter, header) =>
      must(api.PUT("/v1/mailboxes/{id}/letter", { params: { path: { id: box.id }, header }, body: { signature: { text: l.text, html: l.html }, keep_copies: l.copies } })),
    stale: () => [[org, "mailboxes"]],
    done: () => {
      setProblem(undefined);
      toast.say(m.saved);
    },
    onProblem: (e) => {
      setProblem(e);
      return true;
    },
  });
  const set = (l: Partial<Letter>) => setLetter((x) => ({ ...x, ...l }));
  const changed = JSON.stringify(letter) !== JSON.stringify(base);
  return (
    <Section title={m.title}>
      <div className="grid gap-x-8 gap-y-4 py-2 lg:grid-cols-2">
      <fieldset disabled={!may} className="flex min-w-0 flex-col gap-3">
        {problem && <ProblemNote error={problem} />}
        <TextArea label={m.text} hint={m.textAbout} rows={4} maxLength={2000} value={letter.text} onChange={(e) => set({ text: e.target.value })} />
        <TextArea label={m.html} hint={m.htmlAbout} rows={4} maxLength={8000} spellCheck={false} value={letter.html} onChange={(e) => set({ html: e.target.value })} />
        <CheckField label={m.copies} hint={m.copiesAbout} checked={letter.copies} onChange={(e) => set({ copies: e.target.checked })} />
        {changed && may && (
          <div className="flex flex-wrap justify-end gap-3">
            <Button onClick={() => setLetter(base)}>{w.campaigns.discard}</Button>
            <Button look="primary" busy={save.isPending} onClick={() => save.mutate(letter)}>
              {m.save}
            </Button>
          </div>
        )}
      </fieldset>
      <Suspense>
        <LetterPreview box={box} signature={letter.text} unsaved={letter.text !== base.text || letter.html !== base.html} />
      </Suspense>
      </div>
    </Section>
  );
}
