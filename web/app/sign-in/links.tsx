import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, must } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { queries } from "@/app/query";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { w } from "@/words";
import { Frame } from "./frame";
import { wrong } from "./sign-in";

const token = () => location.hash.slice(1);

/** A link of a sign-up. A button, as mail programs open links by themselves. */
export function VerifyEmail() {
  const go = useNavigate();
  const run = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/verify-email", { body: { token: token() } })),
    onSuccess: () => {
      queries.clear();
      void go({ to: "/" });
    },
  });
  return (
    <Frame title={w.signIn.verifyTitle} onSubmit={() => run.mutate()}>
      {run.error ? <p className="text-bad">{wrong(run.error)}</p> : null}
      <Button look="primary" type="submit" busy={run.isPending}>
        {w.signIn.verifySubmit}
      </Button>
    </Frame>
  );
}

const invitation = "invitation"; // of this tab, while somebody signs in to accept it

function invitationToken() {
  if (token()) sessionStorage.setItem(invitation, token());
  return sessionStorage.getItem(invitation) ?? "";
}

export function Invitation() {
  const go = useNavigate();
  const client = useQueryClient();
  const [f, setF] = useState({ first_name: "", last_name: "", password: "" });
  const set = (k: keyof typeof f) => (e: { target: { value: string } }) => setF({ ...f, [k]: e.target.value });
  const about = useQuery({ queryKey: ["", "invitation", invitationToken()], queryFn: () => must(api.POST("/v1/auth/invitation", { body: { token: invitationToken() } })), retry: false });
  const me = useQuery({ queryKey: ["", "me", "maybe"], queryFn: () => must(api.GET("/v1/me")), retry: false });
  const run = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/accept-invitation", { body: { token: invitationToken(), ...(me.data ? {} : f) } })),
    onSuccess: () => {
      sessionStorage.removeItem(invitation);
      queries.clear();
      void go({ to: "/" });
    },
  });
  const leave = useMutation({
    mutationFn: () => must(api.POST("/v1/auth/sign-out")),
    onSuccess: () => {
      run.reset();
      return client.resetQueries({ queryKey: ["", "me", "maybe"] });
    },
  });
  if (about.isError) return <Frame title={w.signIn.linkGone} about={wrong(about.error)} />;
  if (!about.data || me.isPending) return <Frame title={w.states.loading} />;
  return (
    <Frame title={w.signIn.inviteTitle(about.data.organization_name)} about={w.signIn.inviteAs(about.data.email, about.data.role)} onSubmit={() => run.mutate()}>
      {me.data ? (
        <p className="text-table text-text-2">
          {w.signIn.inviteSignedIn(me.data.email ?? "")}{" "}
          <button type="button" className="text-accent-text underline" disabled={leave.isPending} onClick={() => leave.mutate()}>
            {w.signIn.inviteLeave}
          </button>
        </p>
      ) : (
        <>
          <div className="grid grid-cols-2 gap-3">
            <TextField label={w.signIn.firstName} autoComplete="given-name" value={f.first_name} onChange={set("first_name")} />
            <TextField label={w.signIn.lastName} autoComplete="family-name" value={f.last_name} onChange={set("last_name")} />
          </div>
          <TextField label={w.signIn.password} type="password" required minLength={10} autoComplete="new-password" hint={w.signIn.passwordHint} value={f.password} onChange={set("password")} />
          <p className="text-table text-text-2">
            {w.signIn.inviteExisting}{" "}
            <Link to="/signin" search={{ next: "/invite" }} className="text-accent-text underline">
              {w.signIn.title}
            </Link>
          </p>
        </>
      )}
      {run.error ? (
        <p role="alert" className="text-bad">
          {run.error instanceof ProblemError && run.error.status === 402 ? w.signIn.noSeat(about.data.organization_name) : wrong(run.error)}
        </p>
      ) : null}
      <Button look="primary" type="submit" busy={run.isPending}>
        {w.signIn.inviteSubmit}
      </Button>
    </Frame>
  );
}

export function Nowhere() {
  return <Frame title={w.signIn.noOrganization} below={<Link to="/signup">{w.signIn.signUp}</Link>} />;
}
