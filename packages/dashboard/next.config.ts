import type { NextConfig } from 'next';

/** Static files under /ui/: nothing of Next runs in production. */
const config: NextConfig = {
  output: 'export',
  basePath: '/ui',
  trailingSlash: true,
  images: { unoptimized: true },
  poweredByHeader: false,
  // The project's own check does it.
  typescript: { ignoreBuildErrors: true },
  // Enough for a handful of pages.
  experimental: { cpus: 1 },
};

export default config;
