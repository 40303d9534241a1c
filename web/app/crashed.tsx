import { useRouter } from "@tanstack/react-router";
import { ProblemError } from "@/api/problem";
import { Button } from "@/ui/button";
import { ProblemNote } from "@/ui/states";
import { w } from "@/words";

/** What stands where a page can't. */
export function Crashed({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  if (error instanceof ProblemError) return <ProblemNote error={error} onRetry={again} />;
  return (
    <div role="alert" className="flex flex-col items-start gap-3 p-6">
      <h1 className="text-page font-semibold">{w.shell.crashed}</h1>
      <p className="mono max-w-full overflow-auto text-text-2">{String(error)}</p>
      <Button onClick={again}>{w.states.retry}</Button>
    </div>
  );
}

export function NotFound() {
  return (
    <div className="flex flex-col gap-2 p-6">
      <h1 className="text-page font-semibold">{w.states.notFound}</h1>
      <p className="text-text-2">{w.states.notFoundHint}</p>
    </div>
  );
}
