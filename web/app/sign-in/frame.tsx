import { useEffect, type FormEvent, type ReactNode } from "react";
import { w } from "@/words";

/** The page of who hasn't signed in: one column. */
export function Frame({ title, about, children, below, onSubmit }: { title: string; about?: ReactNode; children?: ReactNode; below?: ReactNode; onSubmit?: () => void }) {
  useEffect(() => {
    document.title = w.shell.title(title);
  }, [title]);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    onSubmit?.();
  };
  return (
    <main className="flex min-h-dvh flex-col items-center bg-surface-1 px-4 py-[10vh]">
      <div className="mb-6 flex items-center gap-2 text-section font-semibold">
        <img src="/icon.svg" alt="" width={24} height={24} />
        {w.shell.product}
      </div>
      <div className="w-full max-w-sm rounded-dialog border bg-surface-0 p-6">
        <h1 className="text-page font-semibold">{title}</h1>
        {about && <div className="mt-1 text-text-2">{about}</div>}
        {children && (
          <form onSubmit={submit} className="mt-4 flex flex-col gap-4" noValidate={false}>
            {children}
          </form>
        )}
      </div>
      {below && <div className="mt-4 flex flex-col items-center gap-2 text-text-2">{below}</div>}
    </main>
  );
}
