import type { NextConfig } from 'next';

// No telemetry to the makers of Next.js.
process.env.NEXT_TELEMETRY_DISABLED ??= '1';

const nextConfig: NextConfig = {
  cacheComponents: true,
  partialPrefetching: true,
  // The indicator of `next dev` would cover a button of the list. Errors are still shown.
  devIndicators: false,
};

export default nextConfig;
