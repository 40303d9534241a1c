import { useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { must } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { Page } from "@/app/page";
import { queries } from "@/app/query";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { loadPart } from "@/ui/load-part";
import { Tabs } from "@/ui/tabs";
import { w } from "@/words";
import { billing as words } from "@/words/en/billing";
import { hasKey, platform, setKey } from "./client";
import { Flags } from "./flags";
import { PlatformKeys } from "./keys";
import { Organizations } from "./organizations";
import { Payments } from "./payments";
import type { OperatorSearch } from "./routes";
import { SkeletonRows } from "@/ui/states";
import { platformHealth } from "@/words/en/platform-health";

const Health = lazy(() => loadPart(() => import("./health")));
const People = lazy(() => loadPart(() => import("./people")));

const s = w.operator;

export function OperatorPage() {
  const [open, setOpen] = useState(hasKey());
  const { tab = "organizations" } = useSearch({ strict: false }) as OperatorSearch;
  const go = useNavigate();
  return (
    <main className="flex h-dvh flex-col">
      <Page
        fill
        title={w.shell.operator}
        about={s.about}
        actions={
          open && (
            <Button
              onClick={() => {
                setKey("");
                queries.removeQueries({ queryKey: ["operator"] });
                setOpen(false);
              }}
            >
              {s.forget}
            </Button>
          )
        }
      >
        {open ? (
          <Tabs
            label={w.shell.operator}
            value={tab}
            onChange={(t) => void go({ to: ".", search: { tab: t === "organizations" ? undefined : t } } as never)}
            tabs={[
              { value: "organizations", label: s.organizations },
              { value: "payments", label: words.comparison },
              { value: "keys", label: s.keys },
              { value: "flags", label: s.flags },
              { value: "people", label: s.people },
              { value: "engines", label: platformHealth.tab },
            ]}
          >
            <Suspense fallback={<SkeletonRows />}>
            {tab === "engines" ? <Health /> : tab === "people" ? <People /> : tab === "keys" ? <PlatformKeys /> : tab === "payments" ? <Payments /> : tab === "flags" ? <Flags /> : <Organizations />}
            </Suspense>
          </Tabs>
        ) : (
          <KeyForm onOpen={() => setOpen(true)} />
        )}
      </Page>
    </main>
  );
}

function KeyForm({ onOpen }: { onOpen: () => void }) {
  const [text, setText] = useState("");
  const check = useMutation({
    mutationFn: async () => {
      setKey(text);
      const me = await must(platform.GET("/v1/me"));
      if (me.kind !== "platform_key") throw new Error(s.otherKey);
    },
    onSuccess: onOpen,
    onError: () => setKey(""),
  });
  const wrong = check.error instanceof ProblemError ? check.error.problem.detail || check.error.problem.title : check.error?.message;
  return (
    <form
      className="flex max-w-md flex-col gap-3 px-4 pb-8 sm:px-6"
      onSubmit={(e) => {
        e.preventDefault();
        check.mutate();
      }}
    >
      <TextField label={s.key} hint={s.keyHint} type="password" autoComplete="off" required autoFocus value={text} error={wrong} onChange={(e) => setText(e.target.value)} />
      <Button look="primary" type="submit" busy={check.isPending} className="self-start">
        {s.open}
      </Button>
    </form>
  );
}
