import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { meOptions } from "@/api/me";
import { api, must, type Schemas } from "@/api/client";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { CopyText } from "@/ui/copy";
import { TextField } from "@/ui/field";
import { loadPart } from "@/ui/load-part";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { RecoveryCodes } from "./recovery-codes";
import { Row } from "./row";

const QR = lazy(() => loadPart(() => import("./qr")));
const s = w.settings.security;
type Doing = "" | "password" | "scan" | "off" | "codes";

/** The second step of signing in: off, being set up, on. */
export function SecondFactor() {
  const { org, me: first } = useSession();
  const me = useQuery({ ...meOptions(org), initialData: first }).data;
  const client = useQueryClient();
  const [doing, setDoing] = useState<Doing>("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [wrong, setWrong] = useState("");
  const [begun, setBegun] = useState<Schemas["SecondFactorEnrollment"]>();
  const [codes, setCodes] = useState<string[]>();
  const close = () => {
    setDoing("");
    setPassword("");
    setCode("");
    setWrong("");
    setBegun(undefined);
  };
  const fresh = () => [[org, "me"], ["", "me"], ["", "sessions"]];
  const onProblem = (err: { problem: Schemas["Problem"] }) => {
    setWrong(err.problem.errors?.[0]?.reason ?? err.problem.detail ?? err.problem.title);
    return true;
  };
  const begin = useWrite({ run: () => must(api.POST("/v1/auth/totp/enroll", { body: { password } })), done: (_, e) => (setBegun(e), setWrong(""), setDoing("scan")), onProblem });
  const confirm = useWrite({ run: () => must(api.POST("/v1/auth/totp/confirm", { body: { code: code.replace(/\s/g, "") } })), stale: fresh, done: (_, r) => (close(), setCodes(r.recovery_codes), void client.invalidateQueries({ queryKey: [org, "me"] })), onProblem });
  const disable = useWrite({ run: () => must(api.POST("/v1/auth/totp/disable", { body: { password, code: code.trim() } })), stale: fresh, done: () => (close(), toast.say(s.factorOff)), onProblem });
  const renew = useWrite({ run: () => must(api.POST("/v1/auth/recovery-codes", { body: { password, code: code.trim() } })), stale: fresh, done: (_, r) => (close(), setCodes(r.recovery_codes)), onProblem });
  const passwordField = <TextField label={s.yourPassword} type="password" autoComplete="current-password" required autoFocus value={password} onChange={(e) => setPassword(e.target.value)} error={doing === "password" ? wrong : undefined} />;
  const codeField = <TextField label={doing === "scan" ? s.codeShown : w.signIn.code} inputMode={doing === "scan" ? "numeric" : undefined} autoComplete="one-time-code" required autoFocus={doing === "scan"} value={code} onChange={(e) => setCode(e.target.value)} error={wrong || undefined} />;
  return (
    <Row label={s.factor} hint={s.factorHint}>
      <div className="flex flex-wrap items-center gap-3">
        {me.second_factor ? (
          <>
            <Chip tone="good">{s.on}</Chip>
            <span className={(me.recovery_codes_left ?? 0) < 3 ? "text-warn" : "text-text-2"}>{s.codesLeft(me.recovery_codes_left ?? 0)}</span>
            <Button onClick={() => setDoing("codes")}>{s.codesRenew}</Button>
            <Button look="danger" onClick={() => setDoing("off")}>
              {s.turnOff}
            </Button>
          </>
        ) : (
          <>
            <Chip>{s.off}</Chip>
            <Button onClick={() => setDoing("password")}>{s.turnOn}</Button>
          </>
        )}
      </div>
      <Modal open={doing !== ""} onClose={close} title={s.titles[doing] ?? ""} about={s.abouts[doing]}>
        <form
          className="flex flex-col gap-4"
          onSubmit={(e) => {
            e.preventDefault();
            ({ password: begin, scan: confirm, off: disable, codes: renew })[doing || "password"].mutate(undefined as never);
          }}
        >
          {doing === "scan" && begun && (
            <div className="flex flex-wrap items-center gap-5">
              <Suspense fallback={<div className="skeleton size-44" />}>
                <QR text={begun.uri} label={s.qr} />
              </Suspense>
              <div className="flex min-w-0 flex-1 basis-48 flex-col gap-2">
                <p className="text-table text-text-2">{s.orType}</p>
                <CopyText label="" text={begun.secret} show={begun.secret.replace(/(.{4})(?=.)/g, "$1 ")} />
                <a href={begun.uri} className="text-table text-accent-text underline">
                  {s.openApp}
                </a>
              </div>
            </div>
          )}
          {doing !== "scan" && passwordField}
          {doing !== "password" && codeField}
          <div className="flex justify-end gap-2">
            <Button onClick={close}>{w.settings.cancel}</Button>
            <Button look={doing === "off" ? "danger" : "primary"} type="submit" busy={begin.isPending || confirm.isPending || disable.isPending || renew.isPending}>
              {s.submits[doing] ?? ""}
            </Button>
          </div>
        </form>
      </Modal>
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />}
    </Row>
  );
}
