import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { evidence as words } from "@/words/en/evidence";
import { evidenceOptions, type Message } from "./queries";

type Verdict = Schemas["SentenceVerdict"];

/** What carries each sentence of a draft, word by word. Nothing is shown of drafts that are only templates. */
export function EvidenceSection({ message: m }: { message: Message }) {
  const { org } = useSession();
  const said = useQuery({ ...evidenceOptions(org, m.id, m.draft), enabled: m.writer !== "template", retry: (n, err) => n < 2 && !(err instanceof ProblemError && err.status === 404) });
  const e = said.data;
  if (!e) return null;
  return (
    <Section title={words.title}>
      <p className={e.unsupported && !e.overruled_at ? "pt-2 text-table text-bad" : "pt-2 text-table text-text-2"}>{e.unsupported ? words.some(e.unsupported, e.sentences) : words.all}</p>
      {e.lapsed && <p className="pt-1 text-table text-bad">{words.lapsed(e.lapsed)}</p>}
      {e.reason && <p className="pt-1 text-table text-text-2">{words.answered(e.reason)}</p>}
      <ol className="flex flex-col gap-2 pt-2 text-table">
        <Sentence verdict={e.subject} label={words.subject} />
        {e.verdicts.map((v, i) => (
          <Sentence key={i} verdict={v} />
        ))}
      </ol>
      {!e.may_be_approved && e.draft === m.draft && <Answer message={m} />}
    </Section>
  );
}

function Sentence({ verdict: v, label }: { verdict: Verdict; label?: string }) {
  const good = new Set(["fact", "subject", "opening", "approved", "mark"]);
  return (
    <li className={v.supported ? "border-l-2 border-good pl-3" : "border-l-2 border-bad pl-3"}>
      {label && <span className="text-meta text-text-3">{label} </span>}
      <span className="break-words">
        {v.supported
          ? v.text
          : v.words.map((x, i) => (
              <span key={i} className={good.has(x.from) ? undefined : "text-bad underline decoration-dotted"}>
                {x.text}{" "}
              </span>
            ))}
      </span>
      <span className="block text-meta text-text-3">{v.supported ? (v.claim_version ? words.claim(v.claim_version) : v.fact ? words.fact : words.approved) : v.reasons.map(words.because).join("; ")}</span>
    </li>
  );
}

function Answer({ message: m }: { message: Message }) {
  const { org } = useSession();
  const may = useMay("messages:approve") && !useAt();
  const [reason, setReason] = useState("");
  const write = useWrite({
    run: (_: void, header) => must(api.POST("/v1/messages/{id}/evidence/overrule", { params: { path: { id: m.id }, header }, body: { draft: m.draft, reason: reason.trim() } })),
    stale: () => [[org, "messages"]],
    done: () => toast.say(words.answeredFor),
  });
  if (!may) return null;
  return (
    <form
      className="mt-3 flex max-w-[40rem] flex-wrap items-end gap-2"
      onSubmit={(e) => {
        e.preventDefault();
        write.mutate();
      }}
    >
      <TextField className="min-w-48 flex-1" label={words.reason} value={reason} onChange={(e) => setReason(e.target.value)} maxLength={1000} required />
      <Button type="submit" busy={write.isPending}>
        {words.answer}
      </Button>
    </form>
  );
}
