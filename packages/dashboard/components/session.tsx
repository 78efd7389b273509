'use client';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, use, useCallback, useEffect, useState } from 'react';
import { ApiError, api, type User } from '../lib/api.ts';

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
      if (failure instanceof ApiError && failure.status === 401) router.replace('/sign-in/');
      else setError((failure as Error).message);
    }
  }, [router]);

  useEffect(() => {
    void reload();
  }, [reload]);

  const signOut = useCallback(async () => {
    await api.signOut();
    router.replace('/sign-in/');
  }, [router]);

  if (error) return <p className="notice error">{error}</p>;
  if (!user) return <p className="notice">Loading …</p>;
  return <SessionContext value={{ user, reload, signOut }}>{children}</SessionContext>;
}
