'use client';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react';
import { ApiError, api, onSignedOut, type User } from '../lib/api.ts';

interface Session {
  user: User;
  /** Reads the user anew: role or organization have changed. */
  reload(): Promise<void>;
  signOut(): Promise<void>;
}

const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in; only inside RequireSession. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession needs RequireSession around it.');
  return session;
}

/** Shows its children to a signed-in person; sends everybody else to the sign-in page. */
export function RequireSession({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [user, setUser] = useState<User>();
  const [error, setError] = useState<string>();

  const reload = useCallback(async () => {
    try {
      setUser((await api.session()).user);
    } catch (failure) {
      const leaving = failure instanceof ApiError && failure.status === 401;
      if (!leaving) setError((failure as Error).message);
    }
  }, []);

  useEffect(() => {
    // A session also ends while a page is open; any answer may be the one that says so.
    const stop = onSignedOut(() => router.replace('/sign-in/'));
    void reload();
    return stop;
  }, [reload, router]);

  const signOut = useCallback(async () => {
    await api.signOut();
    router.replace('/sign-in/');
  }, [router]);

  if (error) return <p className="notice error">{error}</p>;
  if (!user) return <p className="notice">Loading …</p>;
  return <SessionContext value={{ user, reload, signOut }}>{children}</SessionContext>;
}
