import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { handleKey } from "@/keys/registry";
import { loadOverlays } from "@/ui/overlay";
import { loadToasts, Toasts } from "@/ui/toast";
import { queries } from "./query";
import { router } from "./router";
import "./styles.css";

setNonce(document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "");

document.addEventListener("keydown", handleKey);

// What isn't needed for the first page comes after it, so that it is there when it is wanted, even if the server can't be reached then.
setTimeout(() => (loadOverlays(), loadToasts()), 2500);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);
