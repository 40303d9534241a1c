import react from "@vitejs/plugin-react";
import tailwind from "@tailwindcss/vite";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// In development (npm run dev) requests go on to a server that was started by `make dev`, or to that of OUTRIDER_URL.
const server = process.env.OUTRIDER_URL ?? "http://127.0.0.1:8080";

/** Hands requests on as the server's own page would send them: it compares their Origin with the Host. */
export const proxyTo = (target: string) => {
  const one = { target, changeOrigin: true, headers: { Origin: target } };
  return { "/v1": one, "/readyz": one };
};

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)) } },
  build: { outDir: "dist", emptyOutDir: false, sourcemap: false, license: { fileName: "licenses.md" }, assetsInlineLimit: 0, manifest: true, target: "es2023", rolldownOptions: { treeshake: { moduleSideEffects: (id) => !id.includes("/web/words/") } }, chunkSizeWarningLimit: 600 },
  server: { proxy: proxyTo(server) },
});
