import type { NextConfig } from 'next';

/** Static files under /ui/: nothing of Next runs in production. */
const config: NextConfig = {
  output: 'export',
  basePath: '/ui',
  trailingSlash: true,
  images: { unoptimized: true },
  poweredByHeader: false,
  // The project's own type check covers these files; one core is enough for a handful of pages.
  experimental: { cpus: 1 },
};

export default config;
