import type { Schemas } from "@/api/client";
import { testSends as m } from "@/words/en/test-sends";

const bytes = new Intl.NumberFormat(undefined, { style: "unit", unit: "byte", unitDisplay: "narrow" });

/** A message as its bytes leave: header, HTML as text, source. */
export default function AsSent({ message }: { message: Schemas["MessageAsSent"] }) {
  return (
    <details className="min-w-0 text-table">
      <summary className="cursor-pointer py-1 text-meta text-text-2">{m.asItLeaves(bytes.format(message.size))}</summary>
      <dl className="mt-2 flex flex-col gap-1 text-meta" aria-label={m.headers}>
        {message.headers.map((h, i) => (
          <div key={i} className="grid grid-cols-[minmax(7rem,30%)_minmax(0,1fr)] gap-2">
            <dt className="break-words text-text-3">{h.name}</dt>
            <dd className="break-all">{h.value}</dd>
          </div>
        ))}
      </dl>
      {message.html && (
        <>
          <p className="mt-3 text-meta font-medium">{m.html}</p>
          <iframe sandbox="" referrerPolicy="no-referrer" srcDoc={message.html} title={m.looks} className="h-64 w-full rounded-control border bg-white" />
          <Source title={m.htmlSource} text={message.html} />
        </>
      )}
      <Source title={m.source} text={message.source} />
    </details>
  );
}

function Source({ title, text }: { title: string; text: string }) {
  return (
    <>
      <p className="mt-3 text-meta font-medium">{title}</p>
      <pre tabIndex={0} aria-label={title} className="max-h-64 overflow-auto rounded-control bg-surface-1 p-2 text-meta whitespace-pre">
        {text}
      </pre>
    </>
  );
}
