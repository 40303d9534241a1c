import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { ProblemNote } from "@/ui/states";
import { mailboxProviders as words } from "@/words/en/mailbox-providers";
import type { Mailbox } from "./queries";

type Provider = Schemas["MailProviderName"];

/** Where mailboxes are signed in without a password, as the operator has set it up. */
export function useMailProviders() {
  const { org } = useSession();
  const all = useQuery({ queryKey: [org, "mailboxes", "providers"], queryFn: () => must(api.GET("/v1/mailbox-sign-ins")), staleTime: Infinity });
  return (all.data?.data ?? []).map((p) => p.name as string);
}

/** Sends the browser to the provider; it comes back to the mailboxes. */
export function SignInButton({ provider, address, name, box, label }: { provider: Provider; address: string; name?: string; box?: string; label?: string }) {
  const { slug } = useSession();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError>();
  const go = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const to = await must(api.POST("/v1/mailbox-sign-ins", { body: { provider, address, display_name: name || undefined, mailbox_id: box, return_to: `/o/${slug}/mailboxes` } }));
      window.location.assign(to.authorize_url);
    } catch (e) {
      setProblem(e as ProblemError);
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-col gap-2">
      {problem && <ProblemNote error={problem} />}
      <div>
        <Button look="primary" busy={busy} onClick={() => void go()}>
          {label ?? words.signIn[provider]}
        </Button>
      </div>
    </div>
  );
}

const providerOf = (box: Mailbox): Provider => (box.smtp?.host.endsWith("office365.com") ? "microsoft" : "google");

/** A mailbox whose permission has ended is signed in again. */
export function SignInAgain({ box }: { box: Mailbox }) {
  if (box.signs_in_by !== "provider" || (box.pause_reason !== "permission" && box.pause_reason !== "sign_in") || !box.address) return null;
  return (
    <div className="flex flex-col gap-2 border-b py-3">
      <p className="text-text-2">{words.signInAgainAbout}</p>
      <SignInButton provider={providerOf(box)} address={box.address} box={box.id} label={words.signInAgain} />
    </div>
  );
}

/** What the provider's page came back with. */
export function SignInProblem({ code }: { code?: string }) {
  if (!code) return null;
  return (
    <p role="alert" className="border-b px-4 py-2 text-bad sm:px-6">
      {words.problems[code] ?? words.problems.failed}
    </p>
  );
}
