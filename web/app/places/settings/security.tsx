import { useState } from "react";
import { api, must } from "@/api/client";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { SecondFactor } from "./factor";
import { Body, Row } from "./row";
import { Sessions } from "./sessions";

const s = w.settings.security;

export default function SecuritySection() {
  return (
    <Body>
      <div>
        <Password />
        <SecondFactor />
      </div>
      <Section title={s.sessions}>
        <Sessions />
      </Section>
    </Body>
  );
}

function Password() {
  const { me } = useSession();
  const [open, setOpen] = useState(false);
  const [now, setNow] = useState("");
  const [next, setNext] = useState("");
  const [wrong, setWrong] = useState<{ field?: string; text: string }>();
  const change = useWrite({
    run: () => must(api.POST("/v1/auth/change-password", { body: { password: now, new_password: next } })),
    stale: () => [["", "sessions"]],
    done: () => {
      setOpen(false);
      setNow("");
      setNext("");
      setWrong(undefined);
      toast.say(s.passwordChanged);
    },
    onProblem: (err) => {
      const e = err.problem.errors?.[0];
      setWrong({ field: e?.field ?? "password", text: e?.reason ?? err.problem.detail ?? err.problem.title });
      return true;
    },
  });
  return (
    <Row label={s.password} hint={s.passwordHint}>
      {open ? (
        <form
          className="flex max-w-sm flex-col gap-3"
          onSubmit={(e) => {
            e.preventDefault();
            change.mutate(undefined);
          }}
        >
          <input type="email" autoComplete="username" value={me.email ?? ""} readOnly hidden />
          <TextField label={s.passwordNow} type="password" autoComplete="current-password" required autoFocus value={now} error={wrong && wrong.field !== "new_password" ? wrong.text : undefined} onChange={(e) => setNow(e.target.value)} />
          <TextField label={s.passwordNext} type="password" autoComplete="new-password" required minLength={10} maxLength={200} hint={w.signIn.passwordHint} value={next} error={wrong?.field === "new_password" ? wrong.text : undefined} onChange={(e) => setNext(e.target.value)} />
          <div className="flex gap-2">
            <Button look="primary" type="submit" busy={change.isPending}>
              {s.passwordChange}
            </Button>
            <Button look="quiet" onClick={() => setOpen(false)}>
              {w.settings.cancel}
            </Button>
          </div>
        </form>
      ) : (
        <Button onClick={() => setOpen(true)}>{s.passwordChange}</Button>
      )}
    </Row>
  );
}
