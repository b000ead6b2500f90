// The record of calls, in the form of AWS CloudTrail. Source: doc/rest.md,
// "GET audit".
export interface AuditRecord {
  eventTime: string;
  eventSource: string;
  eventName: string;
  eventID: string;
  requestID: string;
  awsRegion: string;
  sourceIPAddress: string;
  userAgent: string;
  readOnly: boolean;
  recipientAccountId?: string;
  errorCode?: string;
  errorMessage?: string;
  userIdentity: { type: string; arn?: string; accountId?: string; accessKeyId?: string; userName?: string };
}

export interface Trail {
  Records: AuditRecord[];
  nextToken?: string;
}

export const action = (r: AuditRecord) => `${r.eventSource.replace('.amazonaws.com', '')}:${r.eventName}`;

// who returns what a person calls whoever made a call.
export const who = (r: AuditRecord) => r.userIdentity.arn?.split('/').at(-1) ?? r.userIdentity.userName ?? 'Unknown';

// What can be asked for; all of it is in the address.
export interface Where {
  action: string;
  result: string;
  from: string; // RFC 3339, or seconds before now such as "-3600"
  to: string;
}

export const readWhere = (params: URLSearchParams): Where => ({
  action: params.get('action') ?? '', result: params.get('result') ?? '', from: params.get('from') ?? '', to: params.get('to') ?? '',
});

// moment returns the moment that an end of Where stands for. Moments that are
// counted back from now are rounded to a minute: what is asked stays the same
// while it is looked at.
function moment(end: string, now: Date): string {
  if (!/^-\d+$/.test(end)) return end;
  return new Date(Math.floor(now.getTime() / 60_000) * 60_000 + Number(end) * 1000).toISOString();
}

// query returns the query of the request for one page.
export function query(where: Where, now: Date, size: number, next: string | undefined): URLSearchParams {
  const out = new URLSearchParams({ limit: String(size) });
  if (where.action) out.set('action', where.action);
  if (where.result) out.set('result', where.result);
  if (where.from) out.set('from', moment(where.from, now));
  if (where.to) out.set('to', moment(where.to, now));
  if (next) out.set('next', next);
  return out;
}
