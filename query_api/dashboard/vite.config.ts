import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the page's Content-Security-Policy takes no data: for scripts and fonts
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    // `npm run dev` beside a running stack: the page from Vite, the answers from the query API.
    proxy: { "/v1": "http://127.0.0.1:7450" },
  },
});
