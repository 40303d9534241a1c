import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { api, must } from "@/api/client";
import { useWrite } from "@/app/query";
import { useMay, useSession } from "@/app/session";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { picture as s } from "@/words/en/picture";
import { Row } from "./row";
import { dataURL, square } from "./picture-file";

/** The picture of a member, or the first letters of their name. */
export function Picture({ id, version, name, label, large }: { id: string; version?: string; name: string; label?: string; large?: boolean }) {
  const { org, me } = useSession();
  const own = id === me.id;
  const may = useMay("pii:read") || own;
  const shown = useQuery({
    queryKey: [own ? "" : org, "picture", id, version],
    enabled: !!version && may,
    staleTime: Infinity, // another picture has another version
    queryFn: async () => {
      const file = own ? api.GET("/v1/me/picture", { parseAs: "blob" }) : api.GET("/v1/members/{id}/picture", { params: { path: { id } }, parseAs: "blob" });
      return dataURL((await must<unknown>(file)) as Blob);
    },
  });
  const size = large ? "size-16 text-page" : "size-8 text-meta";
  if (version && shown.data) return <img src={shown.data} alt={label ?? ""} className={size + " shrink-0 rounded-full object-cover"} />;
  return (
    <span aria-hidden className={size + " grid shrink-0 place-items-center rounded-full bg-surface-2 font-medium text-text-2"}>
      {letters(name)}
    </span>
  );
}

function letters(name: string) {
  return name
    .split(/[\s@]+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

/** Where somebody sets their own. */
export function OwnPicture() {
  const { org, me } = useSession();
  const id = useId();
  const [wrong, setWrong] = useState("");
  const version = me.user?.picture;
  const stale = () => [[org, "me"], ["", "me"], [org, "members"]];
  const set = useWrite({
    run: async (file: File) => must(api.PUT("/v1/me/picture", { body: { image: await square(file) } })),
    stale,
    done: () => toast.say(s.set),
    onProblem: (err) => {
      setWrong(err.problem.errors?.[0]?.reason ?? err.problem.detail ?? err.problem.title);
      return true;
    },
  });
  const remove = useWrite({ run: (_: void) => must(api.DELETE("/v1/me/picture")), stale, done: () => toast.say(s.removed) });
  const choose = async (file?: File) => {
    setWrong("");
    if (!file) return;
    try {
      await createImageBitmap(file).then((b) => b.close());
    } catch {
      setWrong(s.noPicture);
      return;
    }
    set.mutate(file);
  };
  return (
    <Row label={s.label} hint={s.hint}>
      <div className="flex flex-wrap items-center gap-4">
        <Picture id={me.id} version={version} name={me.user?.name ?? ""} label={s.yours} large />
        <input id={id} type="file" accept="image/png,image/jpeg,image/gif,image/webp" aria-label={s.choose} aria-describedby={wrong ? id + "wrong" : undefined} className="text-table file:mr-3 file:h-8 file:rounded-control file:border file:border-control file:bg-surface-0 file:px-3" onChange={(e) => void choose(e.target.files?.[0])} />
        {version && (
          <Button size="small" look="quiet" busy={remove.isPending} onClick={() => remove.mutate()}>
            {s.remove}
          </Button>
        )}
      </div>
      <p id={id + "wrong"} role="alert" className="mt-2 text-table text-bad empty:hidden">
        {wrong}
      </p>
    </Row>
  );
}
