import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

/** What the server answered instead of what was asked for (RFC 9457), or that it could not be reached (status 0). */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfter?: number, // seconds
  ) {
    super(problem.detail || problem.title);
    this.name = "ProblemError";
  }
  get status() {
    return this.problem.status;
  }
  get code() {
    return this.problem.code;
  }
}

export function unreachable(): Problem {
  return { type: "about:blank", title: "The server can't be reached", status: 0, code: "unreachable", detail: "Check your connection. Nothing you typed is lost.", request_id: "" };
}

export function isProblem(x: unknown): x is Problem {
  return typeof x === "object" && x !== null && "code" in x && "status" in x;
}
