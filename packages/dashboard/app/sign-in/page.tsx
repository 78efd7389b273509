'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useState } from 'react';
import { Mark } from '../../components/ui/icon.tsx';
import { Trouble } from '../../components/ui/states.tsx';
import { api } from '../../lib/api.ts';

/** Where to go after the sign-in: a page of ours that the address names, or the overview. */
function wantedPage(): string {
  const next = new URLSearchParams(window.location.search).get('next') ?? '/';
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in') ? next : '/';
}

export default function SignInPage() {
  const router = useRouter();
  const [registering, setRegistering] = useState(false);
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Sign in · RavenMQ';
  }, []);

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
      router.replace(wantedPage());
    } catch (failure) {
      setError(failure as Error);
      setBusy(false);
    }
  }

  return (
    <main className="door">
      <div className="door-card">
        <h1 className="brand">
          <Mark size={32} /> RavenMQ
        </h1>
        <p className="soft tag">The queue that knows how long things take</p>
        <form className="card" onSubmit={(event) => void onSubmit(event)}>
          <label className="field">
            User name
            <input name="username" autoComplete="username" required minLength={3} maxLength={32} />
          </label>
          <label className="field">
            Password
            <input
              name="password"
              type="password"
              autoComplete={registering ? 'new-password' : 'current-password'}
              required
              minLength={6}
              maxLength={128}
            />
            {registering && <span className="hint">6 to 128 characters</span>}
          </label>
          <button type="submit" className="primary" disabled={busy}>
            {registering ? 'Register' : 'Sign in'}
          </button>
          {error && <Trouble error={error} />}
        </form>
        <p className="switch">
          <button
            type="button"
            className="link"
            onClick={() => {
              setRegistering(!registering);
              setError(undefined);
            }}
          >
            {registering ? 'I have an account' : 'Make an account'}
          </button>
        </p>
      </div>
    </main>
  );
}
