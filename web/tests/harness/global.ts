import { startServer } from "./server";

/** One server for the whole run; workers find it in the environment. */
export default async function setup() {
  if (process.env.OUTRIDER_URL) return;
  const server = await startServer();
  process.env.OUTRIDER_URL = server.url;
  process.env.OUTRIDER_PLATFORM_KEY = server.platformKey;
  process.env.OUTRIDER_DATA = server.data;
  process.env.OUTRIDER_MAIL = JSON.stringify(server.mail);
  return () => server.stop();
}
