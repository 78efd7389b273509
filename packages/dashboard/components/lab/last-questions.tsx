'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { api } from '../../lib/api.ts';
import { useEvery } from '../../lib/queries.ts';
import { questionText } from '../../lib/whatif.ts';
import type { Whatif } from '../../lib/wire.ts';
import { Card } from '../ui/card.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { StatusWord } from '../ui/status.tsx';
import { Ago } from '../ui/time.tsx';

/** What was asked lately; each leads to its answer. */
export function LastQuestions() {
  const questions = useQuery({
    queryKey: ['whatifs'],
    queryFn: api.whatifs,
    refetchInterval: useEvery(3_000),
  });
  return (
    <Card title="Last questions" flush>
      <Loaded of={questions} height={180}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="Nothing was asked yet">
              A question is answered from jobs that succeeded, two at least.
            </Empty>
          ) : (
            <QuestionTable questions={rows} />
          )
        }
      </Loaded>
    </Card>
  );
}

function QuestionTable({ questions }: { questions: Whatif[] }) {
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            <th>Question</th>
            <th className="wide-only">Jobs</th>
            <th>State</th>
            <th className="number wide-only">Asked</th>
          </tr>
        </thead>
        <tbody>
          {questions.map(({ id, status, asked, asked_at: at }) => (
            <tr key={id}>
              <td className="name wraps">
                <Link href={`/lab/?id=${id}`} prefetch={false}>
                  {questionText(asked)}
                </Link>
              </td>
              <td className="soft wide-only">
                {asked.everything ? 'all' : 'own'}, last {asked.window}
              </td>
              <td>
                <StatusWord status={status === 'waiting' ? 'queued' : status}>{status}</StatusWord>
              </td>
              <td className="number soft wide-only">
                <Ago at={at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
