// Addresses within the application.

export const findingPath = (arn: string) => `/findings/${encodeURIComponent(arn)}`;
export const vulnerabilityPath = (id: string) => `/vulnerabilities/${encodeURIComponent(id)}`;

// findingsPath returns the address of the findings for which fields have the
// values, such as { resourceId: "i-0abc", severity: ["CRITICAL", "HIGH"] };
// without a status, of those that are active.
export function findingsPath(filter: Record<string, string | string[]>): string {
  const params = new URLSearchParams();
  for (const [name, values] of Object.entries({ findingStatus: 'ACTIVE', ...filter })) {
    for (const value of [values].flat()) params.append(name, /^[!^\\]/.test(value) ? `\\${value}` : value);
  }
  return `/findings?${params}`;
}
