import { useQuery } from "@tanstack/react-query";
import { ProblemError } from "@/api/problem";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { PlainText } from "@/ui/plain-text";
import { answers as words } from "@/words/en/answers";
import { evidence } from "@/words/en/evidence";
import { answerOptions } from "./queries";

/** What a program would answer, of which each sentence is carried by something; it is sent by nobody but who takes it over. */
export default function AnswerDraft({ thread, item, onUse }: { thread: string; item: string; onUse: (text: string) => void }) {
  const { org } = useSession();
  const draft = useQuery({ ...answerOptions(org, thread, item), retry: (n, err) => n < 2 && !(err instanceof ProblemError && err.status === 404) });
  const d = draft.data;
  if (!d || d.item_id !== item || !d.text) return null;
  if (d.reply_id) return <p className="px-4 pt-3 text-table text-text-3 sm:px-5">{words.byItself}</p>;
  return (
    <section aria-label={words.title}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="text-table font-medium">{words.title}</h3>
        <span className="text-meta text-text-3">{words.by[d.writer]}</span>
        <Button size="small" className="ml-auto" onClick={() => onUse(d.text)}>
          {words.use}
        </Button>
      </div>
      <div className="mt-1 max-h-40 max-w-[76ch] overflow-auto text-table text-text-2">
        <PlainText text={d.text} />
      </div>
      <details className="pb-1 text-table">
        <summary className="min-h-6 text-text-3">{d.left_out ? words.leftOut(d.left_out) : words.why}</summary>
        <ol className="flex flex-col gap-1.5 py-1">
          {d.sentences.map((s, i) => (
            <li key={i} className={s.supported ? "border-l-2 border-good pl-3" : "border-l-2 border-bad pl-3"}>
              <span className="break-words">{s.text}</span>
              <span className="block text-meta text-text-3">{s.supported ? (s.claim_version ? evidence.claim(s.claim_version) : s.fact ? evidence.fact : evidence.approved) : s.reasons.map(evidence.because).join("; ")}</span>
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}
