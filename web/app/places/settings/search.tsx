import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schemas } from "@/api/client";
import { settled } from "@/api/operation";
import { useCan } from "@/app/may";
import { Section } from "@/app/page";
import { useWrite } from "@/app/query";
import { useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { ProblemNote } from "@/ui/states";
import { toast } from "@/ui/toast";
import { researchSettings as s } from "@/words/en/settings-research";

type Settings = Schemas["SearchSettings"];

const searchOptions = (org: string) => queryOptions({ queryKey: [org, "ai", "search"], queryFn: () => must(api.GET("/v1/research/search")) });

/** Whether web sites of companies are searched for where none is known, and with whose key. */
export function SearchSection({ off }: { off: boolean }) {
  const { org } = useSession();
  const asked = useQuery(searchOptions(org));
  if (asked.error) return <ProblemNote error={asked.error} onRetry={() => void asked.refetch()} />;
  const x = asked.data;
  if (!x) return null;
  return (
    <Section title={s.search}>
      <p className="max-w-[72ch] pt-2 text-table text-text-2">{s.searchAbout}</p>
      <p className="pt-2">
        <strong className="font-medium">{stateOf(x)}</strong>
        {x.on && <span className="pl-2 text-text-2">{x.provider === "own" ? s.ownKey : s.platformKey}</span>}
        {x.engine && <span className="pl-2 text-table text-text-3">{s.price(x.price_micros ?? 0)}</span>}
      </p>
      {x.on && (off || x.stopped) && <p className="pt-1 text-table text-warn">{off ? s.researchOff : s.stopped}</p>}
      {x.engine && <Change settings={x} />}
    </Section>
  );
}

function stateOf(x: Settings): string {
  if (!x.engine) return s.noEngine;
  return x.on ? s.isOn : s.isOff;
}

function Change({ settings: x }: { settings: Settings }) {
  const { org } = useSession();
  const can = useCan("organization:manage");
  const [key, setKey] = useState("");
  const [wrong, setWrong] = useState("");
  const save = useWrite({
    run: async (body: Schemas["SearchSettingsSet"], headers) => settled(await must(api.PUT("/v1/research/search", { params: { header: { ...headers, "If-Match": `"${x.version}"` } }, body }))),
    stale: () => [[org, "ai"]],
    done: () => {
      setKey("");
      toast.say(s.searchSaved);
    },
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason || err.problem.detail || err.problem.title);
      return true;
    },
  });
  if (!can) return null;
  const put = (body: Schemas["SearchSettingsSet"]) => {
    setWrong("");
    save.mutate(body);
  };
  return (
    <div className="flex flex-col gap-3 pt-3">
      {x.on ? (
        <Button className="self-start" busy={save.isPending} onClick={() => put({ on: false, provider: x.provider })}>
          {s.turnOff}
        </Button>
      ) : (
        x.platform_available && (
          <Button className="self-start" busy={save.isPending} onClick={() => put({ on: true, provider: "platform" })}>
            {s.turnOn}
          </Button>
        )
      )}
      {!x.on && x.has_key && (
        <Button className="self-start" busy={save.isPending} onClick={() => put({ on: true, provider: "own" })}>
          {s.turnOnOwn}
        </Button>
      )}
      <form
        className="flex max-w-sm flex-col items-start gap-2"
        onSubmit={(e) => {
          e.preventDefault();
          put({ on: true, provider: "own", key });
        }}
      >
        <div className="w-full">
          <TextField label={s.key} hint={x.has_key ? s.keyKept : s.keyHint} type="password" autoComplete="off" required maxLength={500} value={key} error={wrong} onChange={(e) => setKey(e.target.value)} />
        </div>
        <Button type="submit" busy={save.isPending}>
          {s.useKey}
        </Button>
      </form>
    </div>
  );
}
