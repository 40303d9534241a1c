import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { Confirm } from "@/app/confirm";
import { TextField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { toast } from "@/ui/toast";
import { w } from "@/words";
import { integrations as s } from "@/words/en/settings-integrations";
import { serviceName } from "./integrations";

type Integration = Schemas["Integration"];

/** Leads the browser to the service; it comes back to this page. */
export function useSignIn(provider: string, id?: string) {
  const { slug } = useSession();
  return useWrite({
    run: async (_: void) => must(api.POST("/v1/integration-sign-ins", { body: { provider, integration_id: id, return_to: `/o/${slug}/settings/integrations` } })),
    stale: () => [],
    done: (_, x) => location.assign(x.authorize_url),
  });
}

export function ConnectIntegration({ provider, onClose }: { provider: Schemas["IntegrationProvider"]; onClose: () => void }) {
  const { org } = useSession();
  const name = serviceName(provider.name);
  const [key, setKey] = useState("");
  const [wrong, setWrong] = useState("");
  const signIn = useSignIn(provider.name);
  const connect = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/integrations", { params: { header: headers }, body: { provider: provider.name, key } }))),
    stale: () => [[org, "integrations"]],
    done: () => {
      onClose();
      toast.say(s.connected(name));
    },
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason ?? err.problem.detail ?? err.problem.title);
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={s.connectTitle(name)} about={s.connectAbout}>
      <div className="flex flex-col gap-4">
        {provider.sign_in && (
          <div>
            <Button look="primary" busy={signIn.isPending} onClick={() => signIn.mutate()}>
              {s.signIn(name)}
            </Button>
          </div>
        )}
        {provider.sign_in && provider.key && <p className="text-meta text-text-3">{s.or}</p>}
        {provider.key && (
          <form
            className="flex flex-col gap-4"
            onSubmit={(e) => {
              e.preventDefault();
              connect.mutate();
            }}
          >
            <TextField label={s.key} hint={s.keyHint} type="password" autoComplete="off" required autoFocus={!provider.sign_in} maxLength={500} value={key} error={wrong || undefined} onChange={(e) => setKey(e.target.value)} />
            <div className="flex justify-end gap-2">
              <Button onClick={onClose}>{w.settings.cancel}</Button>
              <Button look={provider.sign_in ? "plain" : "primary"} type="submit" busy={connect.isPending}>
                {s.connectDo}
              </Button>
            </div>
          </form>
        )}
      </div>
    </Modal>
  );
}

export function NewKey({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const { org } = useSession();
  const [key, setKey] = useState("");
  const [wrong, setWrong] = useState("");
  const send = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/integrations/{id}/reconnect", { params: { path: { id: integration.id }, header: headers }, body: { key } }))),
    stale: () => [[org, "integrations"]],
    done: () => {
      onClose();
      toast.say(s.resumed);
    },
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason ?? err.problem.detail ?? err.problem.title);
      return true;
    },
  });
  return (
    <Modal open onClose={onClose} title={s.keyTitle} about={s.keyAbout}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(e) => {
          e.preventDefault();
          send.mutate();
        }}
      >
        <TextField label={s.key} hint={s.keyHint} type="password" autoComplete="off" required autoFocus maxLength={500} value={key} error={wrong || undefined} onChange={(e) => setKey(e.target.value)} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{w.settings.cancel}</Button>
          <Button look="primary" type="submit" busy={send.isPending}>
            {s.keyDo}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

export function PauseIntegration({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const { org } = useSession();
  const [reason, setReason] = useState("");
  const send = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/integrations/{id}/pause", { params: { path: { id: integration.id }, header: headers }, body: { reason } }))),
    stale: () => [[org, "integrations"]],
    done: onClose,
  });
  return (
    <Confirm title={s.pauseTitle(serviceName(integration.provider))} about={s.pauseAbout} action={s.pauseDo} busy={send.isPending} onDo={() => send.mutate()} onClose={onClose}>
      <TextField label={s.pauseReason} maxLength={200} value={reason} onChange={(e) => setReason(e.target.value)} />
    </Confirm>
  );
}

export function RemoveIntegration({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const { org } = useSession();
  const name = serviceName(integration.provider);
  const remove = useWrite({
    run: async (_: void, headers) => settled(await must(api.DELETE("/v1/integrations/{id}", { params: { path: { id: integration.id }, header: headers } }))),
    stale: () => [[org, "integrations"]],
    done: () => {
      onClose();
      toast.say(s.removed(name));
    },
  });
  return (
    <Confirm title={s.removeTitle(name)} about={s.removeAbout} action={s.removeDo(name)} danger busy={remove.isPending} onDo={() => remove.mutate()} onClose={onClose} />
  );
}

export function ResyncIntegration({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const { org } = useSession();
  const name = serviceName(integration.provider);
  const send = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/integrations/{id}/resync", { params: { path: { id: integration.id }, header: headers } }))),
    stale: () => [[org, "integrations"]],
    done: () => {
      onClose();
      toast.say(s.resynced);
    },
  });
  return (
    <Confirm title={s.resyncTitle(name)} about={s.resyncAbout} action={s.resyncDo} busy={send.isPending} onDo={() => send.mutate()} onClose={onClose} />
  );
}
