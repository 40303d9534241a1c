import { expect, test } from "vitest";
import { agentInWords } from "./agent";

test("a session says what it is used with", () => {
  expect(agentInWords("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0 Safari/537.36")).toBe("Chrome, Linux");
  expect(agentInWords("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Safari/604.1")).toBe("Safari, iOS");
  expect(agentInWords("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/1 Safari/537.36 Edg/140.0")).toBe("Edge, Windows");
  expect(agentInWords("curl/7.88.1")).toBe("curl/7.88.1");
  expect(agentInWords("")).not.toBe("");
});
