import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api, must } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { Go } from "@/app/go";
import { Page } from "@/app/page";
import { Choices } from "@/app/places/campaigns/new";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { CheckField, TextField } from "@/ui/field";
import { ProblemNote } from "@/ui/states";
import { w } from "@/words";
import { providers, usualServers, type Server } from "./checks";
import { SendGridFields, type Account } from "./sendgrid";
import { ServerFields } from "./server-fields";
import { SignInButton, useMailProviders } from "./sign-in";
import { mailboxProviders as words } from "@/words/en/mailbox-providers";

/** Connects a mailbox; the checks then arrive on its page. */
export function ConnectPage() {
  const { org, slug } = useSession();
  const go = useNavigate();
  const may = useMay("mailboxes:write");
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [provider, setProvider] = useState("");
  const [password, setPassword] = useState("");
  const [sendgrid, setSendgrid] = useState<Account>({ apiKey: "", region: "global" });
  const offered = useMailProviders();
  const [user, setUser] = useState("");
  const [same, setSame] = useState(true);
  const [imapUser, setImapUser] = useState("");
  const [imapPassword, setImapPassword] = useState("");
  const [typed, setTyped] = useState<{ smtp?: Server; imap?: Server }>({});
  const [problem, setProblem] = useState<ProblemError>();
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const chosen = provider || providers.find((p) => p.domains.includes(address.split("@")[1] ?? ""))?.id || "other";
  const preset = providers.find((p) => p.id === chosen) ?? usualServers(address);
  const smtp = typed.smtp ?? preset.smtp;
  const imap = typed.imap ?? preset.imap;
  useEffect(() => setTyped({}), [provider]);
  const m = w.mailboxes;
  const wrong = (field: string) => problem?.problem.errors?.find((e) => e.field === field)?.reason;
  const grid = chosen === "sendgrid";
  const byProvider = (chosen === "google" || chosen === "microsoft") && offered.includes(chosen);
  const missing = { address: /.@./.test(address) ? undefined : m.addressMissing, password: password ? undefined : m.passwordMissing, key: sendgrid.apiKey.length >= 10 ? undefined : words.apiKeyMissing };
  const connect = useWrite({
    run: (_: void, header) => {
      const account = (s: Server, u: string, p: string) => ({ ...s, host: s.host.trim(), username: u.trim() || undefined, password: p });
      return must(
        api.POST("/v1/mailboxes", {
          params: { header },
          body: grid ? { address: address.trim(), display_name: name.trim() || undefined, transport: "sendgrid", sendgrid: { api_key: sendgrid.apiKey, region: sendgrid.region } } : { address: address.trim(), display_name: name.trim() || undefined, smtp: account(smtp, user, password), imap: same ? account(imap, user, password) : account(imap, imapUser || user, imapPassword || password) },
        }),
      );
    },
    stale: () => [[org, "mailboxes"]],
    done: (_, made) => void go({ to: `/o/${slug}/mailboxes/${made.id}` as "/" }),
    onProblem: (err) => {
      setProblem(err);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"],[role="alert"]')?.focus());
      return true;
    },
  });
  if (!may) return <Page title={m.connect}>{<p className="px-6">{w.states.missingPermission("mailboxes:write")}</p>}</Page>;
  return (
    <Page title={m.connect}>
      <form
        ref={form}
        noValidate
        className="flex max-w-2xl flex-col gap-6 px-4 pt-2 pb-10 sm:px-6"
        onSubmit={(e) => {
          e.preventDefault();
          setTried(true);
          setProblem(undefined);
          if (!missing.address && (grid ? !missing.key : !missing.password && smtp.host && imap.host)) connect.mutate();
        }}
      >
        {problem && !problem.problem.errors?.length && (
          <div>
            <ProblemNote error={problem} />
            {problem.code === "already_exists" && problem.problem.id && <Go path={`/mailboxes/${problem.problem.id}`} className="text-accent-text">{m.openExisting}</Go>}
          </div>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField label={m.address} type="email" autoComplete="email" autoFocus placeholder="ann@acme.example" value={address} maxLength={320} onChange={(e) => setAddress(e.target.value)} error={wrong("address") ?? (tried ? missing.address : undefined)} />
          <TextField label={m.displayName} hint={m.displayNameHint} placeholder="Ann of Acme" value={name} maxLength={200} onChange={(e) => setName(e.target.value)} error={wrong("display_name")} />
        </div>
        <Choices legend={m.provider} name="provider" value={chosen} onChange={setProvider} options={["google", "microsoft", "sendgrid", "other"].map((v) => ({ value: v, label: m.providers[v] ?? words.name, about: offered.includes(v) ? words.signInAbout : (m.providerAbout[v] ?? words.about) }))} />
        {grid && <SendGridFields account={sendgrid} onChange={setSendgrid} wrong={(f) => wrong("sendgrid." + f) ?? (tried && f === "api_key" ? missing.key : undefined)} />}
        {byProvider && !missing.address && <SignInButton provider={chosen as "google" | "microsoft"} address={address.trim()} name={name.trim()} />}
        {!grid && (
          <details open={!byProvider || tried || undefined}>
            <summary className={byProvider ? "min-h-6 font-medium text-text-2" : "hidden"}>{words.orPassword}</summary>
            <div className="mt-3 flex flex-col gap-6">
              <div className="grid gap-4 sm:grid-cols-2">
                <TextField label={chosen === "other" ? m.password : m.appPassword} type="password" autoComplete="off" hint={m.passwordHint[chosen]} value={password} maxLength={1000} onChange={(e) => setPassword(e.target.value)} error={wrong("smtp.password") ?? (tried ? missing.password : undefined)} />
                <TextField label={m.username} hint={m.usernameHint} autoComplete="off" value={user} maxLength={320} onChange={(e) => setUser(e.target.value)} error={wrong("smtp.username")} />
              </div>
              <details open={chosen === "other" || !!problem?.problem.errors?.some((e) => /\.(host|port|security)$/.test(e.field))}>
                <summary className="min-h-6 font-medium text-text-2">{m.servers}</summary>
                <div className="mt-3 flex flex-col gap-4">
                  <ServerFields legend={m.smtp} server={smtp} onChange={(s) => setTyped((t) => ({ ...t, smtp: s }))} wrong={(f) => wrong("smtp." + f) ?? (tried && f === "host" && !smtp.host ? m.hostMissing : undefined)} />
                  <ServerFields legend={m.imap} server={imap} onChange={(s) => setTyped((t) => ({ ...t, imap: s }))} wrong={(f) => wrong("imap." + f) ?? (tried && f === "host" && !imap.host ? m.hostMissing : undefined)} />
                  <CheckField label={m.sameAccount} checked={same} onChange={(e) => setSame(e.target.checked)} />
                  {!same && (
                    <div className="grid gap-4 sm:grid-cols-2">
                      <TextField label={m.imapUser} autoComplete="off" value={imapUser} maxLength={320} onChange={(e) => setImapUser(e.target.value)} error={wrong("imap.username")} />
                      <TextField label={m.imapPassword} type="password" autoComplete="off" value={imapPassword} maxLength={1000} onChange={(e) => setImapPassword(e.target.value)} error={wrong("imap.password")} />
                    </div>
                  )}
                </div>
              </details>
            </div>
          </details>
        )}
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" look="primary" busy={connect.isPending}>
            {m.connectButton}
          </Button>
          <span className="text-table text-text-3">{m.connectAbout}</span>
        </div>
      </form>
    </Page>
  );
}
