import { expect, test } from "vitest";
import { valuesOf } from "./suppress-rules";

test("addresses and domains are taken once each, however they are set apart", () => {
  expect(valuesOf("ann@example.com, bob@example.com\n*.example.test;ann@example.com ")).toEqual(["ann@example.com", "bob@example.com", "*.example.test"]);
  expect(valuesOf(" \n ")).toEqual([]);
});
