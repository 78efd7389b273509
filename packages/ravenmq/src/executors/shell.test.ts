import { promises as fs } from 'node:fs';
import { expect, test } from 'vitest';
import { anAttempt } from './an-attempt.ts';
import { countMarked, newMark, untilMarked } from './marked-processes.ts';
import { NonRetryable } from './outcome.ts';
import { createShellExecutor, type ShellResult } from './shell.ts';
import { findLaunchTools, type LaunchTools } from './shell-launch.ts';

const isRoot = process.getuid?.() === 0;

/** Runs a payload with what this machine offers, or with `tools`. */
function run(
  payload: Record<string, unknown>,
  options: { allow?: string[]; signal?: AbortSignal; tools?: LaunchTools } = {},
): Promise<ShellResult> {
  const { allow = ['*'], signal = new AbortController().signal, tools } = options;
  const execute = createShellExecutor({ allow, user: 'nobody', ...(tools ? { tools } : {}) });
  return execute(anAttempt(payload, { signal })) as Promise<ShellResult>;
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('resolved'),
    (error) => error,
  );

const found = await findLaunchTools();
const ways: [string, { tools?: LaunchTools }][] = [
  ['with what this machine offers', {}],
  ['with nothing but a shell', { tools: {} }],
  ...(found.setpriv
    ? [['without a namespace', { tools: { setpriv: found.setpriv } }] as [string, object]]
    : []),
];

for (const [way, options] of ways) {
  test(`${way}: output, input, arguments and the exit code come through`, async () => {
    const result = await run({ argv: ['cat', '-'], stdin: 'é\n'.repeat(100) }, options);
    const failed = await errorOf(run({ script: 'echo out; echo why >&2; exit 3' }, options));

    expect(result).toMatchObject({ exit_code: 0, signal: null, stdout: 'é\n'.repeat(100), stderr: '' });
    expect(result).toMatchObject({ truncated: false });
    expect(failed.message).toBe('exit code 3: why');
    expect(failed.result).toMatchObject({ exit_code: 3, stdout: 'out\n', stderr: 'why\n' });
  });

  test(`${way}: metacharacters in arguments do nothing`, async () => {
    const args = [
      '$(id)',
      '`id`',
      '; id',
      '| id',
      '&& id',
      '> x',
      '*',
      '"',
      "'",
      '\\',
      'a\nb',
      '--',
      '-n',
      '$HOME',
    ];

    const { stdout } = await run({ argv: ['/usr/bin/printf', '[%s]', ...args] }, options);

    expect(stdout).toBe(args.map((arg) => `[${arg}]`).join(''));
  });

  test(`${way}: the environment is built from nothing and values are taken as they are`, async () => {
    process.env.CANARY_SECRET = 'canary-41c9';
    const odd = '$(id) `id` " \' \\ \n x';
    try {
      const { stdout } = await run({ argv: ['/usr/bin/env', '-0'], env: { ODD: odd, LANG: 'C' } }, options);

      const env = Object.fromEntries(
        splitEntries(stdout, ['ODD', 'LANG', 'PATH', 'HOME', 'TMPDIR', 'RAVENMQ_JOB_ID']).map((entry) => [
          entry.slice(0, entry.indexOf('=')),
          entry.slice(entry.indexOf('=') + 1),
        ]),
      );
      expect(stdout).not.toContain('canary');
      expect(stdout).not.toContain('RAVENMQ_ENV_');
      expect(env.ODD).toContain(odd);
      expect(env.PATH).toContain('/usr/local/bin:/usr/bin:/bin');
      expect(stdout).toContain('RAVENMQ_JOB_ID=job-1');
      expect(stdout).toContain('RAVENMQ_ATTEMPT=2');
      expect(stdout).toContain('RAVENMQ_FENCE=7');
    } finally {
      delete process.env.CANARY_SECRET;
    }
  });

  test(`${way}: the folder is private, is the home, and is removed`, async () => {
    const { stdout } = await run(
      { script: 'pwd; echo "$HOME $TMPDIR"; umask; ls -ld . | cut -c1-10; mkdir -p a/b; echo x >a/b/c' },
      options,
    );

    const [folder = '', home, mask, mode] = stdout.split('\n');
    expect(home).toBe(`${folder} ${folder}`);
    expect(mask).toMatch(/^0*77$/);
    expect(mode).toBe('drwx------');
    await expect(fs.stat(folder)).rejects.toThrow(/ENOENT/);
  });

  test(`${way}: an abort ends a program that ignores SIGTERM, and its grandchildren`, async () => {
    const mark = newMark();
    const stop = new AbortController();
    const script = `trap '' TERM; sh -c "trap '' TERM; sleep ${mark} & sleep ${mark}" & sleep ${mark} & echo up; wait`;

    const running = errorOf(run({ script }, { ...options, signal: stop.signal }));
    await untilMarked(mark, 3);
    stop.abort(new Error('cancelled'));
    const error = await running;

    expect(error.message).toBe('stopped: cancelled');
    expect(error.result).toMatchObject({ stdout: 'up\n', exit_code: 137 });
    expect(countMarked(mark)).toBe(0);
  }, 20_000);

  test(`${way}: a deadline ends the program`, async () => {
    const mark = newMark();

    const error = await errorOf(run({ argv: ['sleep', mark], timeout_ms: 200 }, options));

    expect(error.message).toContain('not finished within 200 ms');
    expect(countMarked(mark)).toBe(0);
  });

  test(`${way}: SIGTERM gives the program time to end well`, async () => {
    const mark = newMark();
    const stop = new AbortController();
    const script = `trap 'echo saved; exit 0' TERM; echo up; sleep ${mark} & wait`;

    const running = errorOf(run({ script }, { ...options, signal: stop.signal }));
    await untilMarked(mark, 1);
    stop.abort(new Error('cancelled'));

    expect((await running).result).toMatchObject({ exit_code: 0, stdout: 'up\nsaved\n' });
  }, 20_000);

  test(`${way}: what a program leaves running is ended with it`, async () => {
    const mark = newMark();

    const result = await run({ script: `sleep ${mark} & echo done` }, options);

    expect(result.stdout).toBe('done\n');
    expect(result.duration_ms).toBeLessThan(3000);
    expect(countMarked(mark)).toBe(0);
  });

  test(`${way}: a flood of output is drained and capped at both ends`, async () => {
    const script = 'echo first; head -c 200000000 /dev/zero | tr "\\\\0" x; echo; echo last';
    const before = process.memoryUsage().rss;

    const result = await run({ script }, options);

    expect(result.truncated).toBe(true);
    expect(result.stdout.startsWith('first\nxxx')).toBe(true);
    expect(result.stdout.endsWith('xxx\nlast\n')).toBe(true);
    expect(result.stdout.length).toBeLessThan(70_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  }, 30_000);

  test(`${way}: NUL is left out and a result of control characters stays small`, async () => {
    const result = await run(
      { script: 'printf "a\\\\000b\\\\033[1m"; head -c 300000 /dev/zero | tr "\\\\0" "\\\\001" >&2' },
      options,
    );

    expect(result.stdout).toBe('ab\u001b[1m');
    expect(JSON.stringify(result)).not.toContain('\\u0000');
    expect(JSON.stringify(result).length).toBeLessThan(256_000);
  });

  test(`${way}: the end by a signal is told`, async () => {
    const error = await errorOf(run({ script: 'kill -SEGV $$' }, options));

    expect(error.result).toMatchObject({ exit_code: 139, signal: 'SIGSEGV' });
    expect(error.message).toContain('exit code 139 (SIGSEGV)');
  });

  test(`${way}: limits hold`, async () => {
    const { stdout } = await run({ script: 'ulimit -c; ulimit -f; ulimit -n' }, options);

    const [core, file, open] = stdout.split('\n').map(Number);
    expect(core).toBe(0);
    expect(file).toBeGreaterThan(0);
    expect(open).toBeLessThanOrEqual(1024);
  });

  test.runIf(isRoot)(`${way}: root runs jobs as another user without rights`, async () => {
    const { stdout } = await run(
      { script: 'id -u; id -G; cat /etc/shadow || echo no; echo x >/etc/x || echo no; kill -0 1 || echo no' },
      options,
    ).catch((error) => error.result);

    const [uid, groups] = stdout.split('\n');
    expect(uid).not.toBe('0');
    expect(groups.split(' ')).not.toContain('0');
    expect(stdout.match(/^no$/gm)?.length).toBeGreaterThanOrEqual(2);
  });

  test(`${way}: an abort before the start starts nothing`, async () => {
    const error = await errorOf(
      run({ argv: ['echo'] }, { ...options, signal: AbortSignal.abort(new Error('too late')) }),
    );

    expect(error.message).toBe('too late');
  });
}

test('only listed programs run; a script counts as /bin/sh', async () => {
  const allow = ['/bin/echo'];

  expect((await run({ argv: ['echo', 'yes'] }, { allow })).stdout).toBe('yes\n');
  expect(await errorOf(run({ script: 'echo no' }, { allow }))).toBeInstanceOf(NonRetryable);
  expect(await errorOf(run({ argv: ['/usr/bin/env', 'echo'] }, { allow }))).toBeInstanceOf(NonRetryable);
  expect((await run({ script: '-x; echo yes' }, { allow: ['/bin/sh'] })).stdout).toBe('yes\n');
});

test('a payload that came around the API is checked again', async () => {
  for (const payload of [
    {},
    { argv: ['echo'], env: { LD_PRELOAD: '/tmp/x' } },
    { argv: ['echo'], env: { 'X;id': '1' } },
  ]) {
    expect(await errorOf(run(payload))).toBeInstanceOf(NonRetryable);
  }
});

test('an unknown user is refused at the start when root', () => {
  const make = () => createShellExecutor({ allow: ['*'], user: 'no-such-user-x' });

  if (isRoot) expect(make).toThrow(/RAVENMQ_SHELL_USER/);
  else expect(make).not.toThrow();
});

/** env -0 loses its separators with the NULs, so entries are cut at the names that are known to be there. */
function splitEntries(text: string, names: string[]): string[] {
  return text.split(new RegExp(`(?=(?:${names.join('|')})=)`));
}
