import { api, must, type Schemas } from "./client";
import { ProblemError } from "./problem";

type Operation = Schemas["Operation"];

const isOperation = (x: unknown): x is Operation => typeof x === "object" && x !== null && "status" in x && "id" in x && !("created_at" in x) && ["pending", "accepted", "refused", "nothing_to_do"].includes(String((x as Operation).status));

/** Follows a command that was not decided at once (202) to its end; undefined is returned then, as what it made has to be read. */
export async function settled<T>(answer: T): Promise<Exclude<T, Operation> | undefined> {
  if (!isOperation(answer)) return answer as Exclude<T, Operation>;
  for (let n = 0; n < 120; n++) {
    const now = await must(api.GET("/v1/operations/{id}", { params: { path: { id: answer.id } } }));
    if (now.status === "refused" && now.problem) throw new ProblemError(now.problem);
    if (now.status !== "pending") return undefined;
    await new Promise((r) => setTimeout(r, 1000));
  }
  return undefined;
}
