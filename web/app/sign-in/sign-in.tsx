import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, must } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { queries } from "@/app/query";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { w } from "@/words";
import { Frame } from "./frame";

export function SignIn() {
  const { next } = useSearch({ strict: false }) as { next?: string };
  const go = useNavigate();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [step, setStep] = useState("");
  const providers = useQuery({ queryKey: ["", "oidc"], queryFn: () => must(api.GET("/v1/auth/oidc")) });
  const enter = () => {
    queries.clear();
    void go({ to: next ?? "/" });
  };
  const first = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/sign-in", { body: { email, password } })),
    onSuccess: enter,
    onError: (e) => {
      if (e instanceof ProblemError && e.problem.second_factor_token) setStep(e.problem.second_factor_token);
    },
  });
  const second = useMutation({ mutationFn: () => must(api.POST("/v1/auth/second-factor", { body: { second_factor_token: step, code } })), onSuccess: enter });
  if (step)
    return (
      <Frame title={w.signIn.codeTitle} onSubmit={() => second.mutate()}>
        <TextField label={w.signIn.code} autoFocus required autoComplete="one-time-code" inputMode="text" value={code} onChange={(e) => setCode(e.target.value)} error={wrong(second.error)} />
        <Button look="primary" type="submit" busy={second.isPending}>
          {w.signIn.codeSubmit}
        </Button>
      </Frame>
    );
  return (
    <Frame
      title={w.signIn.title}
      onSubmit={() => first.mutate()}
      below={
        <>
          <Link to="/forgot" className="text-accent-text underline underline-offset-2">
            {w.signIn.forgot}
          </Link>
          <p>
            {w.signIn.noAccount}{" "}
            <Link to="/signup" className="text-accent-text underline underline-offset-2">
              {w.signIn.signUp}
            </Link>
          </p>
        </>
      }
    >
      <TextField label={w.signIn.email} type="email" required autoFocus autoComplete="username" value={email} onChange={(e) => setEmail(e.target.value)} />
      <TextField label={w.signIn.password} type="password" required autoComplete="current-password" value={password} onChange={(e) => setPassword(e.target.value)} error={step ? undefined : wrong(first.error)} />
      <Button look="primary" type="submit" busy={first.isPending}>
        {w.signIn.submit}
      </Button>
      {providers.data?.data.map((p) => (
        <a key={p.name} href={`/v1/auth/oidc/${encodeURIComponent(p.name)}/start`} className="inline-flex h-8 items-center justify-center rounded-control border border-control font-medium hover:bg-surface-1">
          {w.signIn.with(p.name)}
        </a>
      ))}
    </Frame>
  );
}

/** What a problem says, for the field that it is about. */
export function wrong(err: unknown): string | undefined {
  if (!err) return undefined;
  if (err instanceof ProblemError) return err.problem.errors?.map((e) => e.reason).join(", ") || err.problem.detail || err.problem.title;
  return String(err);
}
