import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import type { ProblemError } from "@/api/problem";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { ProblemNote } from "@/ui/states";
import { w } from "@/words";
import type { Server } from "./checks";
import type { Mailbox } from "./queries";
import { SendGridFields, type Account } from "./sendgrid";
import { ServerFields } from "./server-fields";

/** Another server, password or name; it is verified again before it sends. */
export function EditConnection({ box, onClose }: { box: Mailbox; onClose: () => void }) {
  const { org } = useSession();
  const empty: Server = { host: "", port: 0, security: "tls" };
  const [name, setName] = useState(box.display_name ?? "");
  const [smtp, setSmtp] = useState<Server>((box.smtp as Server | undefined) ?? empty);
  const [imap, setImap] = useState<Server>((box.imap as Server | undefined) ?? empty);
  const [password, setPassword] = useState("");
  const [account, setAccount] = useState<Account>({ apiKey: "", region: box.sendgrid?.region ?? "global" });
  const [problem, setProblem] = useState<ProblemError>();
  const m = w.mailboxes;
  const wrong = (f: string) => problem?.problem.errors?.find((e) => e.field === f)?.reason;
  const save = useWrite({
    run: (_: void, header) => {
      const body: Schemas["MailboxPatch"] = {};
      const changed = (now: Server, was?: Mailbox["smtp"]) => {
        const patch: Schemas["MailServerPatch"] = {};
        if (now.host !== was?.host) patch.host = now.host.trim();
        if (now.port !== was?.port) patch.port = now.port;
        if (now.security !== was?.security) patch.security = now.security;
        if (password) patch.password = password;
        return Object.keys(patch).length ? patch : undefined;
      };
      if (name !== (box.display_name ?? "")) body.display_name = name;
      if (box.sendgrid) {
        if (account.apiKey || account.region !== box.sendgrid.region) body.sendgrid = { api_key: account.apiKey || undefined, region: account.region };
        if (box.imap) body.imap = changed(imap, box.imap);
      } else {
        body.smtp = changed(smtp, box.smtp);
        body.imap = changed(imap, box.imap);
      }
      return must(api.PATCH("/v1/mailboxes/{id}", { params: { path: { id: box.id }, header }, body }));
    },
    stale: () => [[org, "mailboxes"]],
    done: onClose,
    onProblem: (e) => {
      setProblem(e);
      return true;
    },
  });
  const same = !account.apiKey && account.region === (box.sendgrid?.region ?? "global") && name === (box.display_name ?? "") && !password && JSON.stringify(smtp) === JSON.stringify(box.smtp ?? empty) && JSON.stringify(imap) === JSON.stringify(box.imap ?? empty);
  return (
    <Modal
      open
      onClose={onClose}
      title={m.editTitle}
      about={m.editAbout}
      footer={
        <>
          <Button onClick={onClose}>{w.campaigns.cancel}</Button>
          <Button look="primary" busy={save.isPending} why={same ? m.nothingChanged : undefined} onClick={() => save.mutate()}>
            {m.saveConnection}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {problem && !problem.problem.errors?.length && <ProblemNote error={problem} />}
        <TextField label={m.displayName} value={name} maxLength={200} onChange={(e) => setName(e.target.value)} error={wrong("display_name")} />
        {box.sendgrid && <SendGridFields account={account} onChange={setAccount} wrong={(f) => wrong("sendgrid." + f)} />}
        {(!box.sendgrid || box.imap) && box.signs_in_by !== "provider" && <TextField label={m.newPassword} hint={m.newPasswordHint} type="password" autoComplete="off" value={password} maxLength={1000} onChange={(e) => setPassword(e.target.value)} error={wrong("smtp.password") ?? wrong("imap.password")} />}
        {!box.sendgrid && <ServerFields legend={m.smtp} server={smtp} onChange={setSmtp} wrong={(f) => wrong("smtp." + f)} />}
        {(!box.sendgrid || box.imap) && <ServerFields legend={m.imap} server={imap} onChange={setImap} wrong={(f) => wrong("imap." + f)} />}
      </div>
    </Modal>
  );
}
