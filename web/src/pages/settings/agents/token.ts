// A token with which hosts enrol. Source: doc/agent.md, "Server side".
export interface Enrollment {
  id: string;
  account: string;
  name?: string;
  uses: number; // hosts it is for
  used: number;
  created: string;
  expires: string;
  labels?: Record<string, string>;
  token?: string; // told once
}
