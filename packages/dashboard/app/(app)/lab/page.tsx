'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense } from 'react';
import { Answer } from '../../../components/lab/answer.tsx';
import { LastQuestions } from '../../../components/lab/last-questions.tsx';
import { QuestionForm } from '../../../components/lab/question-form.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Empty, Skeleton } from '../../../components/ui/states.tsx';
import { isJobId } from '../../../lib/search.ts';
import type { Whatif } from '../../../lib/wire.ts';

export default function LabPage() {
  return (
    <>
      <PageHead
        title="Policy lab"
        lead="Replays jobs that have ended in other orders, on other slots, with more arrivals."
      />
      <Suspense fallback={<Skeleton height={600} />}>
        <Lab />
      </Suspense>
    </>
  );
}

function Lab() {
  const router = useRouter();
  const client = useQueryClient();
  const id = useSearchParams().get('id');

  function onAsked(question: Whatif) {
    client.setQueryData(['whatif', question.id], question);
    void client.invalidateQueries({ queryKey: ['whatifs'] });
    router.push(`/lab/?id=${question.id}`);
  }

  return (
    <div className="stack">
      {id !== null && <AnswerTo key={id} id={id} />}
      <QuestionForm onAsked={onAsked} />
      <LastQuestions />
    </div>
  );
}

function AnswerTo({ id }: { id: string }) {
  // Ids are part of the path we ask for; anything else would ask for something else. They look like those of jobs.
  if (isJobId(id)) return <Answer id={id.trim()} />;
  return (
    <section className="card">
      <Empty title="The address names no question">
        An id follows `?id=`, as in the links of the last questions.
      </Empty>
    </section>
  );
}
