import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay, useSession } from "@/app/session";
import { preferencesOptions, setPreferences } from "@/app/preferences";
import { chosenTheme, type Theme } from "@/app/theme";
import { singleKeysOff } from "@/keys/registry";
import { useNavigate } from "@tanstack/react-router";
import { api, must } from "@/api/client";
import { queries, useWrite } from "@/app/query";
import { organizationOptions } from "@/app/shell/queries";
import { Button } from "@/ui/button";
import { CheckField, SelectField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { Tip } from "@/ui/overlay";
import { w } from "@/words";
import OwnData from "./own-data";
import { OwnPicture } from "./picture";
import { Body, Row } from "./row";
import { undoOptions } from "./undo-options";

const s = w.settings.profile;

export default function ProfileSection() {
  const { me, organizationName } = useSession();
  const [theme, setTheme] = useState(chosenTheme());
  const [off, setOff] = useState(singleKeysOff());
  const go = useNavigate();
  const [leaving, setLeaving] = useState(false);
  const leave = useWrite({
    run: () => must(api.POST("/v1/auth/leave-organization")),
    done: () => {
      queries.clear();
      void go({ to: "/" });
    },
  });
  const themes: [Theme, string][] = [
    ["light", w.shell.light],
    ["dark", w.shell.dark],
    ["system", w.shell.system],
  ];
  return (
    <Body>
      <div>
        <Row label={s.name} hint={s.nameHint}>
          {[me.first_name, me.last_name].filter(Boolean).join(" ") || w.settings.none}
        </Row>
        <OwnPicture />
        <Row label={s.email} hint={s.emailHint}>
          {me.email}
        </Row>
        <Row label={s.role} hint={s.roleHint(organizationName)}>
          <Tip text={me.permissions.join(", ")}>
            <span tabIndex={0} className="underline decoration-dotted underline-offset-2">
              {w.settings.roleName(me.role ?? "")}
            </span>
          </Tip>
          <span className="text-text-3"> · {s.permissions(me.permissions.length)}</span>
        </Row>
        <Row label={w.shell.theme} hint={s.themeHint}>
          <div role="radiogroup" aria-label={w.shell.theme} className="flex flex-wrap gap-4">
            {themes.map(([t, label]) => (
              <label key={t} className="flex min-h-6 items-center gap-2">
                <input
                  type="radio"
                  name="theme"
                  className="size-4 accent-(--accent)"
                  checked={theme === t}
                  onChange={() => {
                    void setPreferences({ theme: t });
                    setTheme(t);
                  }}
                />
                {label}
              </label>
            ))}
          </div>
        </Row>
        <Row label={w.shell.keys} hint={s.keysHint}>
          <CheckField
            label={w.shell.keysToggle}
            checked={!off}
            onChange={(e) => {
              void setPreferences({ shortcuts: e.target.checked });
              setOff(!e.target.checked);
            }}
          />
        </Row>
        <OwnUndo />
        <OwnData />
        <Row label={s.leave} hint={s.leaveHint}>
          <Button look="danger" onClick={() => setLeaving(true)}>
            {s.leaveButton(organizationName)}
          </Button>
        </Row>
      </div>
      <Modal
        open={leaving}
        onClose={() => setLeaving(false)}
        title={s.leaveAsk(organizationName)}
        about={s.leaveHint}
        footer={
          <>
            <Button onClick={() => setLeaving(false)}>{w.settings.cancel}</Button>
            <Button look="danger" busy={leave.isPending} onClick={() => leave.mutate(undefined, { onError: () => setLeaving(false) })}>
              {s.leaveButton(organizationName)}
            </Button>
          </>
        }
      />
    </Body>
  );
}

/** How long one's own answers can be taken back, in every organisation; unless it is set, each organisation's way holds. */
function OwnUndo() {
  const { org } = useSession();
  const usual = useQuery({ ...organizationOptions(org), enabled: useMay("organization:read") }).data?.reply_undo_seconds;
  const own = useQuery(preferencesOptions()).data?.reply_undo_seconds;
  if (!useMay("messages:send")) return null;
  return (
    <Row label={s.undo} hint={s.undoHint}>
      <SelectField
        label={s.undo}
        hideLabel
        className="max-w-xs"
        value={own === undefined ? "" : String(own)}
        options={[{ value: "", label: s.undoUsual(usual === undefined ? undefined : w.settings.organization.undoOf(usual)) }, ...undoOptions(own)]}
        onChange={(e) => void setPreferences({ reply_undo_seconds: e.target.value === "" ? undefined : Number(e.target.value) })}
      />
    </Row>
  );
}
