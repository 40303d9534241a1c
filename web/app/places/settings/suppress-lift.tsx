import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Confirm } from "@/app/confirm";
import { toast } from "@/ui/toast";
import { w } from "@/words";

const s = w.settings.suppressions;

/** Lifting says whose wish it was, and whether there is a way back: of an address that isn't known any more there is none. */
export function LiftSuppression({ suppression: x, onClose }: { suppression: Schemas["Suppression"]; onClose: () => void }) {
  const { org } = useSession();
  const name = x.value ?? x.masked ?? s.erased;
  const stale = () => [[org, "suppressions"], [org, "leads"], [org, "plan"]];
  const back = useWrite({
    run: async (_: void, headers) => settled(await must(api.POST("/v1/suppressions", { params: { header: headers }, body: { items: [{ kind: x.kind, value: x.value!, subdomains: x.kind === "domain" ? x.subdomains : undefined, reason: x.reason as "manual" }] } }))),
    stale,
  });
  const lift = useWrite({
    run: async (_: void, headers) => settled(await must(api.DELETE("/v1/suppressions/{id}", { params: { path: { id: x.id }, header: headers } }))),
    stale,
    done: () => {
      onClose();
      toast.say(s.lifted(name), x.value && ["manual", "unsubscribe", "bounce"].includes(x.reason) ? () => back.mutate() : undefined);
    },
  });
  return (
    <Confirm title={s.liftAsk(name)} about={s.liftAbout[x.reason] ?? s.liftAbout.manual} action={s.liftDo(name)} danger busy={lift.isPending} onDo={() => lift.mutate()} onClose={onClose}>
      {!x.value && <p className="text-text-2">{s.noWayBack}</p>}
    </Confirm>
  );
}
