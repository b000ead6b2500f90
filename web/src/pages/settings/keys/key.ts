// Access keys, sessions and roles. Source: doc/server.md, "Identity".
export interface Key {
  id: string;
  account: string;
  name: string; // of the holder
  role: string;
  subject?: string; // resource for which an agent speaks
  created: string;
  expires?: string;
  disabled?: string;
  lastUsed?: string;
  secret?: string; // told once
  session?: string; // token of a temporary key, told once
}

export interface SignIn {
  id: string;
  account: string;
  name: string;
  role: string;
  unusedLink: boolean; // a link that nobody has used yet, rather than a session
  created: string;
  expires: string;
}

export const roles = [
  { value: 'reader', label: 'Reader', description: 'Looks at everything, changes nothing' },
  { value: 'operator', label: 'Operator', description: 'Everything about findings and scans, but neither accounts nor keys' },
  { value: 'admin', label: 'Administrator', description: 'Everything' },
  { value: 'scanner', label: 'Scanner', description: 'Hands in scan results and functions, and compares' },
];

export const roleName = (role: string) => roles.find((r) => r.value === role)?.label ?? (role === 'agent' ? 'Agent' : role);
