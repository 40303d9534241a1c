import { useState } from "react";
import { api, must } from "@/api/client";
import { Confirm } from "@/app/confirm";
import { queries, useWrite } from "@/app/query";
import { saveAs } from "@/app/save-as";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ownData as s } from "@/words/en/own-data";
import { Row } from "./row";

/** What is kept of oneself: to take out, and to have destroyed. */
export default function OwnData() {
  const { me } = useSession();
  const [asking, setAsking] = useState(false);
  const take = useWrite({
    run: () => must(api.GET("/v1/me/export")),
    done: (_, all) => saveAs(new Blob([JSON.stringify(all, null, 2)], { type: "application/json" }), s.file),
  });
  return (
    <>
      <Row label={s.take} hint={s.takeHint}>
        <Button busy={take.isPending} onClick={() => take.mutate(undefined)}>
          {s.takeButton}
        </Button>
      </Row>
      <Row label={s.forget} hint={s.forgetHint}>
        <Button look="danger" onClick={() => setAsking(true)}>
          {s.forgetMenu}
        </Button>
      </Row>
      {asking && <Forget email={me.email ?? ""} onClose={() => setAsking(false)} />}
    </>
  );
}

function Forget({ email, onClose }: { email: string; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const [address, setAddress] = useState("");
  const [wrong, setWrong] = useState("");
  const forget = useWrite({
    run: () => must(api.DELETE("/v1/me", { body: password ? { password } : { email: address.trim() } })),
    done: () => {
      queries.clear();
      location.assign("/signin");
    },
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason ?? err.problem.detail ?? err.problem.title);
      return true;
    },
  });
  const sure = address.trim().toLowerCase() === email.toLowerCase();
  return (
    <Confirm danger title={s.forgetAsk} about={s.forgetAbout} action={s.forgetButton(email)} busy={forget.isPending} why={sure ? undefined : s.confirmEmail} onDo={() => forget.mutate(undefined)} onClose={onClose}>
      <div className="flex flex-col gap-3">
        <TextField label={s.confirmEmail} type="email" autoComplete="off" value={address} onChange={(e) => setAddress(e.target.value)} />
        <TextField label={s.confirmPassword} type="password" autoComplete="current-password" value={password} error={wrong || undefined} onChange={(e) => setPassword(e.target.value)} />
      </div>
    </Confirm>
  );
}
