import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, must } from "@/api/client";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { w } from "@/words";
import { Frame } from "./frame";
import { wrong } from "./sign-in";

export function Forgot() {
  const [email, setEmail] = useState("");
  const run = useMutation({ mutationFn: () => must(api.POST("/v1/auth/forgot-password", { body: { email } })) });
  if (run.isSuccess) return <Frame title={w.signIn.mailSent} about={w.signIn.forgotSent(email)} />;
  return (
    <Frame title={w.signIn.forgotTitle} onSubmit={() => run.mutate()}>
      <TextField label={w.signIn.email} type="email" required autoFocus autoComplete="username" value={email} onChange={(e) => setEmail(e.target.value)} error={wrong(run.error)} />
      <Button look="primary" type="submit" busy={run.isPending}>
        {w.signIn.forgotSubmit}
      </Button>
    </Frame>
  );
}

/** With the token that a mailed link has after the #. */
export function Reset() {
  const go = useNavigate();
  const [password, setPassword] = useState("");
  const token = location.hash.slice(1);
  const run = useMutation({ mutationFn: () => must(api.POST("/v1/auth/reset-password", { body: { token, password } })), onSuccess: () => go({ to: "/signin" }) });
  return (
    <Frame title={w.signIn.resetTitle} onSubmit={() => run.mutate()}>
      <TextField label={w.signIn.password} type="password" required minLength={10} autoFocus autoComplete="new-password" hint={w.signIn.passwordHint} value={password} onChange={(e) => setPassword(e.target.value)} error={wrong(run.error)} />
      <Button look="primary" type="submit" busy={run.isPending}>
        {w.signIn.resetSubmit}
      </Button>
    </Frame>
  );
}
