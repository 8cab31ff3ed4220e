/** Line icons, 16 px, in the text's colour; always decorative: the words stand beside them or in a label. */
import type { ReactNode } from 'react';

const paths = {
  search: <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14" />,
  close: <path d="m4 4 8 8m0-8-8 8" />,
  more: <path d="M3 8h.01M8 8h.01M13 8h.01" strokeWidth="2.2" />,
  add: <path d="M8 3v10M3 8h10" />,
  check: <path d="m3.5 8.5 3 3 6-7" />,
  columns: <path d="M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10" />,
  filter: <path d="M2.5 4h11M4.5 8h7M6.5 12h3" />,
  download: <path d="M8 2.5v8m0 0 3-3m-3 3-3-3M3 13.5h10" />,
  up: <path d="m4 10 4-4 4 4" />,
  down: <path d="m4 6 4 4 4-4" />,
  menu: <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />,
  outside: <path d="M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5" />,
  theme: <path d="M13 9.6A5.5 5.5 0 0 1 6.4 3 5.5 5.5 0 1 0 13 9.6Z" />,
  language: (
    <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM2 8h12M8 2c-4 4-4 8 0 12M8 2c4 4 4 8 0 12" />
  ),
  account: (
    <path d="M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-5 5.5c.6-2.4 2.5-3.7 5-3.7s4.4 1.3 5 3.7" />
  ),
  policy: <path d="M4 2.5h6L12.5 5v8.5H4zM6 6.5h4M6 9h4M6 11.5h2.5" />,
  today: <path d="M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.5V4M10.5 2.5V4" />,
  people: (
    <path d="M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Zm-4 6c.3-2.3 1.8-3.5 4-3.5s3.7 1.2 4 3.5M10.5 3.4a2 2 0 0 1 0 3.9M11.7 10.1c1.4.5 2.2 1.6 2.4 3.2" />
  ),
  systems: <path d="M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01" />,
  access: <path d="M5.5 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm3-3h5.5v2.5M11.5 8v2" />,
  findings: <path d="M4 14V2.5m0 .5h8.5l-2 2.7 2 2.8H4" />,
  tasks: <path d="m2.5 4.5 1 1 2-2m-3 7.5 1 1 2-2M8 4.7h5.5M8 11.2h5.5" />,
  reviews: <path d="M13.5 8A5.5 5.5 0 1 1 11.7 4M13.5 2.5v3h-3M8 5v3.3l2 1.2" />,
  ledger: <path d="M3 2.5h10v11H3zM5.5 2.5v11M8 5.5h2.7M8 8h2.7" />,
  settings: (
    <path d="M2.5 4.5h7m3.5 0h.5M2.5 11.5h.5m3.5 0h7M11.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4ZM4.8 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4Z" />
  ),
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof paths;

/** @example <Icon name="search" /> */
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
      focusable="false"
    >
      {paths[name]}
    </svg>
  );
}
