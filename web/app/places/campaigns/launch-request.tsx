import { useState } from "react";
import { api, must } from "@/api/client";
import { personName, useMembers } from "@/app/names";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { useAt } from "@/app/shell/time-machine";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { Time } from "@/ui/time";
import { toast } from "@/ui/toast";
import { launchRequests as s } from "@/words/en/launch-requests";
import type { Campaign } from "./queries";

/** Who may prepare a campaign but not launch it asks who may; who may sees that somebody has asked. */
export default function LaunchRequest({ campaign }: { campaign: Campaign }) {
  const { org, me } = useSession();
  const past = !!useAt();
  const [write, send] = [useMay("campaigns:write"), useMay("campaigns:send")];
  const members = useMembers();
  const [note, setNote] = useState("");
  const params = { path: { id: campaign.id } };
  const stale = () => [
    [org, "campaigns"],
    [org, "today"],
  ];
  const ask = useWrite({
    run: (_: void, header) => must(api.POST("/v1/campaigns/{id}/launch-request", { params: { ...params, header }, body: { note: note.trim() || undefined } })),
    stale,
    done: () => {
      setNote("");
      toast.say(s.asked, () => drop.mutate());
    },
  });
  const drop = useWrite({
    run: (_: void, header) => must(api.DELETE("/v1/campaigns/{id}/launch-request", { params: { ...params, header } })),
    stale,
    done: () => toast.say(mine ? s.takenBack : s.declined),
  });
  const asked = campaign.launch_request;
  const [kind, id] = asked?.by.split(":") ?? [];
  const mine = kind === "person" && id === me.id;
  const who = mine ? s.you : (kind === "person" && personName(members.find((m) => m.id === id))) || s.somebody;
  if (asked)
    return (
      <div role="region" aria-label={s.title} className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-panel bg-accent-soft px-4 py-3">
        <div className="min-w-0 flex-1">
          <p>
            {s.askedBy(who)} <Time at={asked.at} />
          </p>
          {asked.note && <p className="break-words text-text-2">“{asked.note}”</p>}
        </div>
        {!past && (mine || send) && (
          <Button size="small" busy={drop.isPending} onClick={() => drop.mutate()}>
            {mine ? s.takeBack : s.decline}
          </Button>
        )}
      </div>
    );
  if (send || !write || past) return null;
  return (
    <form
      className="flex flex-wrap items-end gap-3"
      onSubmit={(e) => {
        e.preventDefault();
        ask.mutate();
      }}
    >
      <TextField label={s.note} hint={s.noteHint} className="min-w-0 flex-1 basis-64" maxLength={500} value={note} onChange={(e) => setNote(e.target.value)} />
      <Button look="primary" type="submit" busy={ask.isPending} className="mb-5">
        {s.ask(campaign.enrolled)}
      </Button>
    </form>
  );
}
