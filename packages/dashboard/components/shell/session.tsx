'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { usePathname, useRouter } from 'next/navigation';
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo } from 'react';
import { api } from '../../lib/api.ts';
import { ApiError, onSignedOut } from '../../lib/request.ts';
import type { SessionUser } from '../../lib/wire.ts';

interface Session {
  user: SessionUser;
  isAdmin: boolean;
  /** An administrator, or an org_admin of their organization. */
  mayManage: boolean;
  /** Reads the user anew: role or organization have changed. */
  reload(): Promise<unknown>;
  signOut(): Promise<void>;
}

const SessionContext = createContext<Session | undefined>(undefined);
/** The cookie is renewed when it is asked for in the second half of its life. */
const renewMs = 300_000;

/** Who is signed in; only inside SessionProvider. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession needs SessionProvider around it.');
  return session;
}

interface SessionProviderProps {
  /** In place of the children until it is known who asks. */
  waiting: ReactNode;
  failed(error: Error, again: () => void): ReactNode;
  children: ReactNode;
}

/** Shows its children to a signed-in person; sends everybody else to the sign-in page. */
export function SessionProvider({ waiting, failed, children }: SessionProviderProps) {
  const router = useRouter();
  const path = usePathname();
  const queries = useQueryClient();
  const session = useQuery({
    queryKey: ['session'],
    queryFn: async () => (await api.session()).user,
    refetchInterval: renewMs,
  });
  const { refetch } = session;
  const nobody = session.error instanceof ApiError && session.error.status === 401;

  const leave = useCallback(() => {
    queries.clear();
    const here = `${path}${window.location.search}`;
    router.replace(here === '/' ? '/sign-in/' : `/sign-in/?next=${encodeURIComponent(here)}`);
  }, [queries, router, path]);

  // A session also ends while a page is open; any answer may be the one that says so.
  useEffect(() => onSignedOut(leave), [leave]);
  useEffect(() => {
    if (nobody) leave();
  }, [nobody, leave]);

  const signOut = useCallback(async () => {
    await api.signOut();
    queries.clear();
    router.replace('/sign-in/');
  }, [queries, router]);

  const user = nobody ? undefined : session.data;
  const value = useMemo<Session | undefined>(
    () =>
      user && {
        user,
        isAdmin: user.role === 'admin',
        mayManage: user.role !== 'user',
        reload: refetch,
        signOut,
      },
    [user, refetch, signOut],
  );
  if (value) return <SessionContext value={value}>{children}</SessionContext>;
  if (session.error && !nobody) return failed(session.error, () => void refetch());
  return waiting;
}
