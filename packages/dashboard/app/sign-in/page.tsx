'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';

export default function SignInPage() {
  const router = useRouter();
  const [registering, setRegistering] = useState(false);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const credentials = {
      username: String(fields.get('username')),
      password: String(fields.get('password')),
    };
    setBusy(true);
    try {
      if (registering) await api.register(credentials);
      await api.signIn(credentials);
      router.replace('/jobs/');
    } catch (failure) {
      setError((failure as Error).message);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="narrow">
      <h1>RavenMQ</h1>
      <form className="card stack" onSubmit={(event) => void onSubmit(event)}>
        <label>
          User name
          <input name="username" autoComplete="username" required minLength={3} maxLength={32} />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autoComplete={registering ? 'new-password' : 'current-password'}
            required
            minLength={6}
            maxLength={128}
          />
        </label>
        <button type="submit" className="primary" disabled={busy}>
          {registering ? 'Register' : 'Sign in'}
        </button>
        {error && <output className="error">{error}</output>}
        <button type="button" className="link" onClick={() => setRegistering(!registering)}>
          {registering ? 'I have an account' : 'Make an account'}
        </button>
      </form>
    </main>
  );
}
