import { SelectField, TextField } from "@/ui/field";
import { w } from "@/words";
import type { Server } from "./checks";

/** How a mail server is reached. */
export function ServerFields({ legend, server, onChange, wrong }: { legend: string; server: Server; onChange: (s: Server) => void; wrong: (field: string) => string | undefined }) {
  const m = w.mailboxes;
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-table font-medium text-text-2">{legend}</legend>
      <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_6rem_9rem]">
        <TextField label={m.host} value={server.host} maxLength={255} spellCheck={false} onChange={(e) => onChange({ ...server, host: e.target.value })} error={wrong("host")} />
        <TextField label={m.port} type="number" inputMode="numeric" min={1} max={65535} value={server.port || ""} onChange={(e) => onChange({ ...server, port: Number(e.target.value) })} error={wrong("port")} />
        <SelectField
          label={m.security}
          value={server.security}
          onChange={(e) => onChange({ ...server, security: e.target.value as Server["security"] })}
          options={[
            { value: "tls", label: "TLS" },
            { value: "starttls", label: "STARTTLS" },
          ]}
          error={wrong("security")}
        />
      </div>
    </fieldset>
  );
}
