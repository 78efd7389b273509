import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { Providers } from '../components/providers.tsx';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/controls.css';
import '../styles/overlays.css';
import '../styles/surfaces.css';
import '../styles/states.css';
import '../styles/table.css';
import '../styles/chart.css';
import '../styles/shell.css';
import '../styles/menu.css';

export const metadata: Metadata = { title: 'RavenMQ', description: 'Adaptive task scheduler' };
export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* Has to run before the first paint. */}
        <script src="/ui/theme.js" />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
