/** Line icons on a 16 by 16 grid; always beside a word or inside something labelled. */
const paths = {
  overview: 'M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5H7v3H2.5z',
  jobs: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  failures: 'M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.1',
  schedules: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 5v3.2l2.2 1.3',
  analytics: 'M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6',
  lab: 'M6 2.5h4M7 2.5v4l-4 7h10l-4-7v-4M5 10.5h6',
  workers: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5v.1M5 11v.1',
  queues: 'M2.5 3.5h8v9h-8zM12.5 5v6M14.2 6.5v3',
  predictor: 'M2 12.5c3 0 3-8 6-8s3 5.5 6 5.5M11.5 7.5L14 10l-2.5 2.5',
  organization:
    'M5.5 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM2 13c0-2.2 1.5-3.5 3.5-3.5S9 10.8 9 13M10.5 7.5a2 2 0 0 0 .5-3.9M11.5 9.7c1.5.4 2.5 1.5 2.5 3.3',
  keys: 'M10 9.5a3.5 3.5 0 1 0-3.3-2.3L2.5 11.5v2h2.3v-1.7h1.7v-1.6l1-1c.7.2 1.5.3 2.5.3zM10.7 5.4v.1',
  audit: 'M4 2.5h8v11H4zM6.2 5.5h3.6M6.2 8h3.6M6.2 10.5h2',
  docs: 'M3 3h4c.6 0 1 .4 1 1v9.5C8 12.7 7.3 12 6.5 12H3zM13 3H9c-.6 0-1 .4-1 1v9.5c0-.8.7-1.5 1.5-1.5H13z',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2',
  plus: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.5h-2.5',
  cancel: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  clone: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3l8 5-8 5z',
  warn: 'M8 2.5l6 10.5H2zM8 6.5v3M8 11.2v.1',
  info: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 7.5v3.3M8 5.2v.1',
  theme: 'M8 2.5a5.5 5.5 0 1 0 5.5 5.5A4.5 4.5 0 0 1 8 2.5z',
  out: 'M6 2.5H3v11h3M7 8h6.5M11 5l3 3-3 3',
  table: 'M2.5 3h11v10h-11zM2.5 6.5h11M7 6.5V13',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9',
  chevron: 'M4.5 6.5L8 10l3.5-3.5',
  forward: 'M3 3.5l5 4.5-5 4.5zM8 3.5l5 4.5-5 4.5z',
  back: 'M13 8H3M6.5 4.5L3 8l3.5 3.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** A raven's head. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6" fill="currentColor" />
      <path
        d="M5 19.2C5.3 12 7.6 6.3 13 5.8c2.3-.2 4 .8 4.7 2.3l3.3 1.7-3.6 1.3c-.3 3.2-2.4 5.3-5.2 6.1-1.9.6-4.2.8-7.2 2z"
        fill="#ffffff"
      />
      <circle cx="14.3" cy="8.7" r="1" fill="currentColor" />
    </svg>
  );
}
