import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, must } from "@/api/client";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { w } from "@/words";
import { Frame } from "./frame";
import { wrong } from "./sign-in";

export function SignUp() {
  const [f, setF] = useState({ organization_name: "", first_name: "", last_name: "", email: "", password: "" });
  const set = (k: keyof typeof f) => (e: { target: { value: string } }) => setF({ ...f, [k]: e.target.value });
  const run = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/sign-up", { body: { ...f, first_name: f.first_name || undefined, last_name: f.last_name || undefined, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone } })),
  });
  if (run.isSuccess) return <Frame title={w.signIn.mailSent} about={w.signIn.mailSentHint(f.email)} />;
  return (
    <Frame
      title={w.signIn.signUpTitle}
      onSubmit={() => run.mutate()}
      below={
        <p>
          {w.signIn.haveAccount}{" "}
          <Link to="/signin" className="text-accent-text underline underline-offset-2">
            {w.signIn.title}
          </Link>
        </p>
      }
    >
      <TextField label={w.signIn.organization} required autoFocus autoComplete="organization" value={f.organization_name} onChange={set("organization_name")} />
      <div className="grid grid-cols-2 gap-3">
        <TextField label={w.signIn.firstName} autoComplete="given-name" value={f.first_name} onChange={set("first_name")} />
        <TextField label={w.signIn.lastName} autoComplete="family-name" value={f.last_name} onChange={set("last_name")} />
      </div>
      <TextField label={w.signIn.email} type="email" required autoComplete="username" value={f.email} onChange={set("email")} />
      <TextField label={w.signIn.password} type="password" required minLength={10} autoComplete="new-password" hint={w.signIn.passwordHint} value={f.password} onChange={set("password")} error={wrong(run.error)} />
      <Button look="primary" type="submit" busy={run.isPending}>
        {w.signIn.signUpSubmit}
      </Button>
    </Frame>
  );
}
