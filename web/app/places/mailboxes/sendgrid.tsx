import { useState } from "react";
import { api, must } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CopyText } from "@/ui/copy";
import { SelectField, TextArea, TextField } from "@/ui/field";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { mailboxProviders as words } from "@/words/en/mailbox-providers";
import type { Mailbox } from "./queries";

export type Account = { apiKey: string; region: "global" | "eu" };

/** An account of SendGrid. */
export function SendGridFields({ account, onChange, wrong }: { account: Account; onChange: (a: Account) => void; wrong: (field: string) => string | undefined }) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField label={words.apiKey} type="password" autoComplete="off" hint={words.apiKeyHint} value={account.apiKey} maxLength={200} onChange={(e) => onChange({ ...account, apiKey: e.target.value.trim() })} error={wrong("api_key")} />
      <SelectField
        label={words.region}
        value={account.region}
        onChange={(e) => onChange({ ...account, region: e.target.value as Account["region"] })}
        options={[
          { value: "global", label: words.regions.global },
          { value: "eu", label: words.regions.eu },
        ]}
        error={wrong("region")}
      />
    </div>
  );
}

const lines = (s: string) =>
  s
    .split(/\n/)
    .map((k) => k.trim())
    .filter(Boolean);

/** Where SendGrid is to post, and the keys that check it. */
export function SendGridSection({ box }: { box: Mailbox }) {
  const { org } = useSession();
  const may = useMay("mailboxes:write");
  const grid = box.sendgrid;
  const [reports, setReports] = useState((grid?.report_keys ?? []).join("\n"));
  const [mail, setMail] = useState((grid?.mail_keys ?? []).join("\n"));
  const [problem, setProblem] = useState<ProblemError>();
  const wrong = (f: string) => problem?.problem.errors?.find((e) => e.field.startsWith(f))?.reason;
  const save = useWrite({
    run: (_: void, header) => must(api.PUT("/v1/mailboxes/{id}/webhook", { params: { path: { id: box.id }, header }, body: { report_keys: lines(reports), mail_keys: lines(mail) } })),
    stale: () => [[org, "mailboxes"]],
    done: () => {
      setProblem(undefined);
      toast.say(words.saved);
    },
    onProblem: (e) => {
      setProblem(e);
      return true;
    },
  });
  if (!grid) return null;
  return (
    <Section title={words.title}>
      <form
        noValidate
        className="flex flex-col gap-5 py-3"
        onSubmit={(e) => {
          e.preventDefault();
          save.mutate();
        }}
      >
        {problem && !problem.problem.errors?.length && <ProblemNote error={problem} />}
        <Hook title={words.reports} about={words.reportsAbout} url={grid.reports_url} />
        {may && <TextArea label={words.key} hint={reports ? words.keyHint : words.noKey} rows={2} className="mono" spellCheck={false} value={reports} onChange={(e) => setReports(e.target.value)} error={wrong("report_keys")} />}
        <Hook title={words.mail} about={words.mailAbout} url={grid.mail_url} />
        {may && <TextArea label={words.key} hint={words.mailKeyHint} rows={2} className="mono" spellCheck={false} value={mail} onChange={(e) => setMail(e.target.value)} error={wrong("mail_keys")} />}
        {may && (
          <div>
            <Button type="submit" busy={save.isPending}>
              {words.save}
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}

function Hook({ title, about, url }: { title: string; about: string; url?: string }) {
  return (
    <div className="min-w-0">
      <h3 className="text-table font-medium">{title}</h3>
      <p className="max-w-[72ch] text-table text-text-2">{about}</p>
      {url && (
        <p className="mt-1 break-all">
          <CopyText text={url} label={words.url} />
        </p>
      )}
    </div>
  );
}
