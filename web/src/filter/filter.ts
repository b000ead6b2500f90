// A filter in its four forms: as the page keeps it (Filters), in the address
// (URLSearchParams), in the filter box (tokens) and as the API takes it
// (criteria). All functions are pure.
import type { Field } from './fields.ts';

export interface Text {
  comparison: 'EQUALS' | 'PREFIX' | 'NOT_EQUALS';
  value: string;
}

// Both ends are included; at least one is there. Ends of a number or port
// range are decimal; ends of a date range are a day (2026-01-31, of the
// browser's time zone), a moment (2026-01-31T10:00:00Z) or days before today
// (-7d).
export interface Span {
  from?: string;
  to?: string;
}

export interface Tag {
  key: string;
  value?: string; // absent: any
}

export interface Raw {
  raw: string; // JSON of the API's filter
}

export type Filter = Text | Span | Tag | Raw;

// Filters hold by the name of a field what it must be. Fields join by "and".
// Within a field positive texts join by "or", negative ones by "and", and
// ranges and tags by "or", as in the API.
export type Filters = Record<string, Filter[]>;

export type Criteria = Record<string, unknown[]>;

export interface Token {
  propertyKey?: string;
  operator: string; // = != ^ >= <= :
  value: unknown; // string[] of texts and tags, else string
}

const operators: Record<Text['comparison'], string> = { EQUALS: '=', NOT_EQUALS: '!=', PREFIX: '^' };
const comparisons: Record<string, Text['comparison']> = { '=': 'EQUALS', '!=': 'NOT_EQUALS', '^': 'PREFIX' };
const marks: Record<Text['comparison'], string> = { EQUALS: '', NOT_EQUALS: '!', PREFIX: '^' };

// --- one filter as text, in addresses

function write(kind: Field['kind'], filter: Filter): string {
  switch (kind) {
    case 'text': {
      const { comparison, value } = filter as Text;
      const escaped = comparison === 'EQUALS' && /^[!^\\]/.test(value) ? `\\${value}` : value;
      return marks[comparison] + escaped;
    }
    case 'tag':
      return writeTag(filter as Tag);
    case 'raw':
      return (filter as Raw).raw;
    default: {
      const { from = '', to = '' } = filter as Span;
      return `${from}..${to}`;
    }
  }
}

// read is the other way round; undefined: the text means nothing.
function read(kind: Field['kind'], text: string): Filter | undefined {
  if (text === '') return undefined;
  switch (kind) {
    case 'text': {
      if (text === '!' || text === '^') return undefined;
      if (text.startsWith('!')) return { comparison: 'NOT_EQUALS', value: text.slice(1) };
      if (text.startsWith('^')) return { comparison: 'PREFIX', value: text.slice(1) };
      return { comparison: 'EQUALS', value: text.replace(/^\\/, '') };
    }
    case 'tag':
      return readTag(text);
    case 'raw':
      return isObject(parse(text)) ? { raw: text } : undefined;
    default:
      return readSpan(kind, text);
  }
}

function writeTag({ key, value }: Tag): string {
  const name = key.replace(/[\\=]/g, '\\$&');
  return value === undefined ? name : `${name}=${value}`;
}

function readTag(text: string): Tag | undefined {
  const [, name = '', rest] = /^((?:[^\\=]|\\.)*)(?:=(.*))?$/s.exec(text) ?? [];
  const key = name.replace(/\\(.)/gs, '$1');
  if (key === '') return undefined;
  return rest === undefined ? { key } : { key, value: rest };
}

function readSpan(kind: Field['kind'], text: string): Span | undefined {
  const at = text.indexOf('..');
  const [from, to] = at < 0 ? [text, text] : [text.slice(0, at), text.slice(at + 2)];
  const good = (end: string) => end === '' || (kind === 'date' ? moment(end, false, new Date(0)) !== undefined : isNumber(end));
  if ((from === '' && to === '') || !good(from) || !good(to)) return undefined;
  return { ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) };
}

const isNumber = (text: string) => /^-?\d+(\.\d+)?$/.test(text);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// --- addresses

// fromParams reads the filters of an address; what means nothing is left out.
export function fromParams(params: URLSearchParams, fields: Field[]): Filters {
  const filters: Filters = {};
  for (const { name, kind } of fields) {
    const read_ = params.getAll(name).flatMap((text) => read(kind, text) ?? []);
    if (read_.length > 0) filters[name] = read_;
  }
  return filters;
}

// toParams writes filters into an address, and takes all others out of it.
export function toParams(filters: Filters, fields: Field[], params = new URLSearchParams()): URLSearchParams {
  const result = new URLSearchParams(params);
  for (const { name, kind } of fields) {
    result.delete(name);
    for (const filter of filters[name] ?? []) result.append(name, write(kind, filter));
  }
  return result;
}

// --- the filter box

export function toTokens(filters: Filters, fields: Field[]): Token[] {
  return fields.flatMap(({ name, kind }): Token[] => {
    const all = filters[name] ?? [];
    if (all.length === 0) return [];
    switch (kind) {
      case 'text':
        return (['EQUALS', 'PREFIX', 'NOT_EQUALS'] as const).flatMap((comparison) => {
          const value = (all as Text[]).filter((f) => f.comparison === comparison).map((f) => f.value);
          return value.length === 0 ? [] : [{ propertyKey: name, operator: operators[comparison], value }];
        });
      case 'tag':
        return [{ propertyKey: name, operator: '=', value: (all as Tag[]).map(writeTag) }];
      case 'raw':
        return (all as Raw[]).map(({ raw }) => ({ propertyKey: name, operator: '=', value: raw }));
      default:
        return (all as Span[]).map((span) => {
          if (all.length === 1 && span.to === undefined) return { propertyKey: name, operator: '>=', value: span.from };
          if (all.length === 1 && span.from === undefined) return { propertyKey: name, operator: '<=', value: span.to };
          return { propertyKey: name, operator: ':', value: write(kind, span) };
        });
    }
  });
}

// fromTokens reads the filter box. A token without a field is what a person
// typed: an identifier of a vulnerability or of a resource, or else the
// beginning of a title, where there are such fields.
export function fromTokens(tokens: readonly Token[], fields: Field[]): Filters {
  const filters: Filters = {};
  const add = (name: string, filter: Filter | undefined) => {
    if (!filter) return;
    const list = (filters[name] ??= []);
    if (!list.some((f) => JSON.stringify(f) === JSON.stringify(filter))) list.push(filter);
  };
  const bounds = new Map<string, Span>(); // of the tokens >= and <=, which narrow
  for (const token of tokens) {
    const { operator } = token;
    const values = (Array.isArray(token.value) ? token.value : [token.value]).map((v) => String(v ?? '').trim());
    const field = fields.find((f) => f.name === token.propertyKey);
    if (!field) {
      for (const value of values) {
        const [name, filter] = guess(value);
        if (value !== '' && fields.some((f) => f.name === name)) add(name, filter);
      }
      continue;
    }
    for (const value of values) {
      if (value === '') continue;
      if (field.kind === 'text') {
        const comparison = comparisons[operator];
        if (comparison) add(field.name, { comparison, value });
      } else if (operator === '>=' || operator === '<=') {
        const span = readSpan(field.kind, operator === '>=' ? `${value}..` : `..${value}`);
        if (span) bounds.set(field.name, { ...bounds.get(field.name), ...span });
      } else {
        add(field.name, read(field.kind, value));
      }
    }
  }
  for (const [name, bound] of bounds) {
    const spans = filters[name] as Span[] | undefined;
    filters[name] = spans ? spans.map((span) => ({ ...span, ...bound })) : [bound];
  }
  return filters;
}

function guess(text: string): [string, Text] {
  if (/^(cve|ghsa|dsa|dla|usn|rhsa|alas|elsa|go|rustsec|pysec|mal)-/i.test(text)) {
    return ['vulnerabilityId', { comparison: 'PREFIX', value: /^ghsa/i.test(text) ? text : text.toUpperCase() }];
  }
  if (/^(arn:|i-[0-9a-f]|sha256:)/.test(text)) return ['resourceId', { comparison: 'PREFIX', value: text }];
  return ['title', { comparison: 'PREFIX', value: text }];
}

// --- the API

// moment returns seconds since 1970; a day begins with its first millisecond
// and, as the end of a range, ends with its last.
function moment(text: string, end: boolean, now: Date): number | undefined {
  let day: Date | undefined;
  const ago = /^-(\d{1,5})d$/.exec(text);
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (ago) day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - Number(ago[1]));
  else if (parts) day = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  if (day && end) day = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, 0, 0, 0, -1);
  const at = day ? day.getTime() : /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : at / 1000;
}

function toApiFilter(kind: Field['kind'], filter: Filter, now: Date): unknown {
  const { from, to } = filter as Span;
  switch (kind) {
    case 'text':
      return filter;
    case 'tag':
      return { comparison: 'EQUALS', ...filter };
    case 'raw':
      return parse((filter as Raw).raw);
    case 'date':
      return {
        ...(from !== undefined && { startInclusive: moment(from, false, now) }),
        ...(to !== undefined && { endInclusive: moment(to, true, now) }),
      };
    case 'ports':
      return { ...(from !== undefined && { beginInclusive: Number(from) }), ...(to !== undefined && { endInclusive: Number(to) }) };
    default:
      return { ...(from !== undefined && { lowerInclusive: Number(from) }), ...(to !== undefined && { upperInclusive: Number(to) }) };
  }
}

// toCriteria returns what the API takes. Fields of a package must hold on one
// package, so that each choice of one filter of each is a filter of its own.
export function toCriteria(filters: Filters, fields: Field[], now: Date): Criteria {
  const criteria: Criteria = {};
  const choices = new Map<string, Record<string, unknown>[]>();
  for (const { name, kind } of fields) {
    const all = (filters[name] ?? []).map((filter) => toApiFilter(kind, filter, now));
    if (all.length === 0) continue;
    const [outer = '', inner] = name.split('.');
    if (inner === undefined) {
      criteria[outer] = [...(criteria[outer] ?? []), ...all];
      continue;
    }
    const before = choices.get(outer) ?? [{}];
    choices.set(outer, before.flatMap((choice) => all.map((filter) => ({ ...choice, [inner]: filter }))));
  }
  for (const [outer, all] of choices) criteria[outer] = [...all, ...(criteria[outer] ?? [])];
  return criteria;
}

function fromApiFilter(kind: Field['kind'], value: unknown): Filter | undefined {
  if (!isObject(value)) return undefined;
  const span = (from: unknown, to: unknown, text: (v: unknown) => string): Span | undefined =>
    from === undefined && to === undefined ? undefined : { ...(from !== undefined && { from: text(from) }), ...(to !== undefined && { to: text(to) }) };
  const time = (v: unknown) => (typeof v === 'number' ? new Date(v * 1000).toISOString() : String(v));
  switch (kind) {
    case 'text':
      return { comparison: value.comparison as Text['comparison'], value: String(value.value) };
    case 'tag':
      return { key: String(value.key), ...(value.value !== undefined && { value: String(value.value) }) };
    case 'raw':
      return { raw: JSON.stringify(value) };
    case 'date':
      return span(value.startInclusive, value.endInclusive, time);
    case 'ports':
      return span(value.beginInclusive, value.endInclusive, String);
    default:
      return span(value.lowerInclusive, value.upperInclusive, String);
  }
}

// fromCriteria reads criteria of the API, such as those of a saved filter.
export function fromCriteria(criteria: Criteria, fields: Field[]): Filters {
  const filters: Filters = {};
  for (const { name, kind } of fields) {
    const [outer = '', inner] = name.split('.');
    const all = criteria[outer];
    if (!all) continue;
    let values = all;
    const parts = fields.filter((f) => f.name.startsWith(`${outer}.`));
    if (parts.length > 0) {
      const apart = isProduct(all);
      if (apart !== (inner !== undefined)) continue;
      if (inner !== undefined) values = unique(all.map((f) => (f as Record<string, unknown>)[inner]).filter((f) => f !== undefined));
    }
    const read_ = values.flatMap((value) => fromApiFilter(kind, value) ?? []);
    if (read_.length > 0) filters[name] = read_;
  }
  return filters;
}

const unique = (values: unknown[]): unknown[] => [...new Map(values.map((v) => [JSON.stringify(v), v])).values()];

// isProduct tells whether package filters are all choices of one filter of each
// of the same members, so that each member can stand for itself.
function isProduct(all: unknown[]): boolean {
  const first = all[0];
  if (!all.every(isObject) || !isObject(first)) return false;
  const members = Object.keys(first);
  const same = all.every((f) => Object.keys(f as object).length === members.length && members.every((m) => m in (f as object)));
  const size = members.reduce((n, m) => n * unique(all.map((f) => (f as Record<string, unknown>)[m])).length, 1);
  const different = unique(all.map((f) => members.map((m) => (f as Record<string, unknown>)[m]))).length;
  return same && members.length > 0 && different === all.length && size === all.length;
}
