/** The sign of the product: what `icon.svg` shows, drawn for small sizes. */
export function BrandMark() {
  return (
    <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
      <rect width="16" height="16" rx="4" class="brand-ground" />
      <path d="M4 5.5h8M4 8h5M4 10.5h3" class="brand-lines" />
      <circle cx="11" cy="10.5" r="1.5" class="brand-dot" />
    </svg>
  );
}
