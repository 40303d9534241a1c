import type { Schemas } from "@/api/client";
import { SelectField } from "@/ui/field";
import { w } from "@/words";
import type { ReadAs } from "./mapping";

const charsets = ["utf-8", "windows-1252", "windows-1250", "windows-1251", "windows-1253", "windows-1254", "iso-8859-2", "iso-8859-15", "utf-16le", "utf-16be", "shift_jis", "gb18030", "big5", "euc-kr", "koi8-r"];

/** How the file is read; what was found can be corrected. */
export function ReadAsForm({ readAs, found, onChange }: { readAs: ReadAs; found?: Schemas["ImportInspection"]; onChange: (r: ReadAs) => void }) {
  const auto = (v?: string) => ({ value: "", label: v ? w.imports.found(v) : w.imports.foundOut });
  const workbook = found?.format === "xlsx";
  const delimiter = found?.delimiter === "\t" ? "tab" : found?.delimiter;
  return (
    <div className="flex flex-wrap gap-3">
      {!workbook && (
        <>
          <SelectField className="w-52" label={w.imports.charset} value={readAs.charset} onChange={(e) => onChange({ ...readAs, charset: e.target.value })} options={[auto(found?.charset), ...charsets.map((c) => ({ value: c, label: c }))]} />
          <SelectField
            className="w-44"
            label={w.imports.delimiter}
            value={readAs.delimiter}
            onChange={(e) => onChange({ ...readAs, delimiter: e.target.value })}
            options={[auto(delimiter && w.imports.delimiters[delimiter]), ...[",", ";", "tab", "|"].map((d) => ({ value: d, label: w.imports.delimiters[d]! }))]}
          />
        </>
      )}
      <SelectField
        className="w-44"
        label={w.imports.header}
        value={readAs.header_row}
        onChange={(e) => onChange({ ...readAs, header_row: e.target.value })}
        options={[auto(found && w.imports.headers(found.header_row)), ...Array.from({ length: 11 }, (_, n) => ({ value: String(n), label: w.imports.headers(n) }))]}
      />
    </div>
  );
}
