import type { Metadata } from 'next';
import { connection } from 'next/server';
import './globals.css';

export const metadata: Metadata = { title: 'Chats' };

// The nonce of the content security policy is different in each response, so no page is prerendered.
export const instant = false;

export default async function RootLayout({ children }: LayoutProps<'/'>) {
  await connection();
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
