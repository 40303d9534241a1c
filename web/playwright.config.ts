import { defineConfig } from "@playwright/test";
import { chromium } from "./tests/harness/chromium";

// Drives the real binary with its real engines (bin/outrider dev); nothing of the API is mocked. Waits are for states: time limits only catch hangs.
// One retry, which is reported and is a failure (failOnFlakyTests). OUTRIDER_URL and OUTRIDER_PLATFORM_KEY name a server that runs already.
export default defineConfig({
  testDir: "tests",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  globalSetup: "./tests/harness/global.ts",
  workers: Number(process.env.WORKERS) || 1,
  timeout: 900_000,
  expect: { timeout: Number(process.env.EXPECT_TIMEOUT) || 120_000 },
  retries: 1,
  failOnFlakyTests: true,
  forbidOnly: !!process.env.CI,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    ...chromium,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    actionTimeout: 120_000,
    navigationTimeout: 120_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "pages", testIgnore: ["screens/**", "times/**"] },
    { name: "times", testMatch: "times/**/*.spec.ts", retries: 0 },
    { name: "screens", testMatch: "screens/**/*.spec.ts", retries: 0 },
  ],
});
