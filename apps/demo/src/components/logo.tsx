/** The flame. It is decoration: the page has the name beside it or elsewhere. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--brand)" />
      <path
        d="M16 5c1 5 7 7 7 14a7 7 0 0 1-14 0c0-3 1.5-5 3-6.5C12.5 15 14 16 14.5 16 14 12 14 8 16 5Z"
        fill="#fff"
      />
    </svg>
  );
}
