import { FileSpreadsheet } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { w } from "@/words";

/** Takes a file, by dropping it or by choosing it. */
export function FileStep({ file, reading, onFile }: { file?: File; reading: boolean; onFile: (f: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <div className="px-4 py-6 sm:px-6">
      <div
        onDragOver={(e) => {
          e.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(e) => {
          e.preventDefault();
          setOver(false);
          const f = e.dataTransfer.files[0];
          if (f) onFile(f);
        }}
        className={cx("flex max-w-2xl flex-col items-start gap-3 rounded-panel border border-dashed border-control px-6 py-10", over && "border-accent bg-accent-soft")}
      >
        <FileSpreadsheet size={24} aria-hidden className="text-text-3" />
        <p className="text-section">{w.imports.drop}</p>
        <p className="max-w-[60ch] text-text-2">{w.imports.dropAbout}</p>
        <input
          ref={input}
          type="file"
          aria-label={w.imports.choose}
          tabIndex={-1}
          accept=".csv,.txt,.tsv,.xlsx,.gz,text/csv"
          className="sr-only"
          onChange={(e) => {
            const f = e.target.files?.[0];
            e.target.value = "";
            if (f) onFile(f);
          }}
        />
        <Button look="primary" busy={reading} onClick={() => input.current?.click()}>
          {reading ? w.imports.reading : w.imports.choose}
        </Button>
        {file && <p className="text-text-2">{w.imports.fileSays(file.name, file.size)}</p>}
      </div>
    </div>
  );
}
