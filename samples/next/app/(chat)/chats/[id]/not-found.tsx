import Link from 'next/link';

export default function NotFound() {
  return (
    <div className="center">
      <p>This chat does not exist.</p>
      <Link href="/">New chat</Link>
    </div>
  );
}
