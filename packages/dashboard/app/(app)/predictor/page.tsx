'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { AccuracyChart } from '../../../components/analytics/accuracy.tsx';
import { Candidates } from '../../../components/predictor/candidates.tsx';
import { Champion } from '../../../components/predictor/champion.tsx';
import { Events } from '../../../components/predictor/events.tsx';
import { Versions } from '../../../components/predictor/versions.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { PageHead } from '../../../components/ui/page-head.tsx';
import { Segments } from '../../../components/ui/segments.tsx';
import { Loaded } from '../../../components/ui/states.tsx';
import { useToasts } from '../../../components/ui/toast.tsx';
import { api } from '../../../lib/api.ts';
import { useEvery } from '../../../lib/queries.ts';
import type { PredictorState } from '../../../lib/wire.ts';

interface Question {
  title: string;
  text: string;
  action: string;
  work(): Promise<PredictorState>;
  said: string;
}

export default function PredictorPage() {
  const client = useQueryClient();
  const { say, attempt } = useToasts();
  const [question, setQuestion] = useState<Question>();
  const predictor = useQuery({
    queryKey: ['predictor'],
    queryFn: api.predictor,
    refetchInterval: useEvery(5_000),
  });

  const change = ({ work, said }: Pick<Question, 'work' | 'said'>) =>
    attempt(async () => {
      client.setQueryData(['predictor'], await work());
      say({ text: said });
    });
  const fix = (candidate: string, version?: number) => {
    const name = version === undefined ? candidate : `${candidate} ${version}`;
    setQuestion({
      title: `Fix ${name}?`,
      text: `${name} will predict from now on, whatever the measurements say, until you choose another.`,
      action: version === undefined ? 'Fix it' : 'Promote it',
      work: () =>
        api.choosePredictor({ mode: 'fixed', candidate, ...(version !== undefined && { version }) }),
      said: `${name} predicts now.`,
    });
  };
  const choose = (mode: 'auto' | 'off') =>
    void change({
      work: () => api.choosePredictor({ mode }),
      said: mode === 'auto' ? 'Measured gain decides again.' : 'Running statistics predict; learning is off.',
    });

  return (
    <>
      <PageHead
        title="Predictor"
        lead="Who predicts runtimes, how right each candidate is, and what was trained."
      >
        {predictor.data && <Mode mode={predictor.data.choice.mode} choose={choose} />}
        <button
          type="button"
          disabled={!predictor.data || predictor.data.choice.train_asked_at !== null}
          onClick={() => void change({ work: api.train, said: 'The training begins within seconds.' })}
        >
          {predictor.data?.choice.train_asked_at ? 'Training asked' : 'Train now'}
        </button>
      </PageHead>
      <Loaded of={predictor} height={600}>
        {(state) => (
          <div className="stack">
            <Champion state={state} />
            <Candidates state={state} fix={fix} />
            <div className="columns">
              <AccuracyChart />
              <Events events={state.events} />
            </div>
            <Versions
              state={state}
              promote={({ candidate, id }) => fix(candidate, id)}
              rollBack={(candidate) =>
                setQuestion({
                  title: `Roll ${candidate} back?`,
                  text: 'The version before the one that is used now will predict.',
                  action: 'Roll back',
                  work: () => api.rollBack(candidate),
                  said: `${candidate} is rolled back.`,
                })
              }
            />
          </div>
        )}
      </Loaded>
      {question && (
        <Confirm
          title={question.title}
          text={question.text}
          action={question.action}
          close={() => setQuestion(undefined)}
          confirm={() => void change(question)}
        />
      )}
    </>
  );
}

const modes = ['auto', 'off'] as const;

function Mode({ mode, choose }: { mode: string; choose(mode: 'auto' | 'off'): void }) {
  if (mode === 'fixed') {
    return (
      <button type="button" className="primary" onClick={() => choose('auto')}>
        Let measured gain decide
      </button>
    );
  }
  return <Segments label="Learning" options={modes} value={mode as 'auto' | 'off'} choose={choose} />;
}
