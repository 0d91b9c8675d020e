/**
 * Owns: what to write instead of functions of other dialects that SQLite does not have.
 * Invariants: data; every form works here (tested); names are lower case.
 */

/** Forms: `x`, `y` stand for the arguments. Only functions that neither SQLite nor registry.ts has. */
const FORMS: Readonly<Record<string, string>> = {
  // text
  ascii: 'unicode(x)',
  char_length: 'length(x)',
  character_length: 'length(x)',
  contains: "instr(x, y) > 0, or x LIKE '%y%'; SEARCH('…') asks the service",
  endswith: "x LIKE '%y'",
  filesize: 'length(x) of a binary column, or the column size',
  hashbytes: 'no form: hash in the calling program',
  indexof: 'instr(x, y) - 1',
  locate: 'charindex(x, y)',
  lcase: 'lower(x)',
  ucase: 'upper(x)',
  mask: "substr('****************', 1, length(x))",
  nchar: 'char(x)',
  patindex: 'x LIKE pattern, or instr(x, y)',
  position: 'instr(x, y)',
  quotename: "'[' || replace(x, ']', ']]') || ']'",
  replicate: "replace(printf('%.' || n || 'c', '*'), '*', x)",
  reverse: 'no form: reverse in the calling program',
  space: "printf('%.' || n || 'c', ' ')",
  split: "json_each('[\"' || replace(x, ',', '\",\"') || '\"]') in FROM",
  startswith: "x LIKE 'y%'",
  str: 'CAST(x AS TEXT)',
  stuff: "substr(x, 1, start - 1) || y || substr(x, start + length)",
  tostring: 'CAST(x AS TEXT)',
  to_char: "CAST(x AS TEXT), or strftime('%Y-%m-%d', x)",
  xml_extract: 'no form: these tables hold JSON, see json_extract(x, path)',
  regexp: 'x LIKE pattern, or x GLOB pattern',
  json_avg: '(SELECT avg(value) FROM json_each(x, path))',
  json_count: 'json_array_length(x, path)',
  json_max: '(SELECT max(value) FROM json_each(x, path))',
  json_min: '(SELECT min(value) FROM json_each(x, path))',
  json_sum: '(SELECT sum(value) FROM json_each(x, path))',
  json_value: 'json_extract(x, path)',
  json_query: 'json_extract(x, path)',
  // numbers
  atn2: 'atan2(y, x)',
  cot: '1 / tan(x)',
  expr: 'the expression itself',
  greatest: 'max(x, y)',
  least: 'min(x, y)',
  negate: '-x',
  rand: '(random() + 9223372036854775808.0) / 18446744073709551616.0',
  square: 'x * x',
  truncate: 'trunc(x)',
  // several rows
  count_big: 'count(x)',
  stdev: 'sqrt((sum(x * x) - sum(x) * avg(x)) / (count(x) - 1.0))',
  stdevp: 'sqrt(avg(x * x) - avg(x) * avg(x))',
  var: '(sum(x * x) - sum(x) * avg(x)) / (count(x) - 1.0)',
  varp: 'avg(x * x) - avg(x) * avg(x)',
  // dates
  curdate: 'CURRENT_DATE',
  now: "datetime('now')",
  sysdatetime: "datetime('now')",
  sysutcdatetime: "datetime('now')",
  getdate: 'GETDATE() without arguments',
  getutcdate: 'GETUTCDATE() without arguments',
  datefromparts: "printf('%04d-%02d-%02d', y, m, d)",
  datetimefromparts: "printf('%04d-%02d-%02dT%02d:%02d:%02dZ', y, m, d, h, mi, s)",
  datetime2fromparts: "printf('%04d-%02d-%02dT%02d:%02d:%02dZ', y, m, d, h, mi, s)",
  smalldatetimefromparts: "printf('%04d-%02d-%02dT%02d:%02d:00Z', y, m, d, h, mi)",
  timefromparts: "printf('%02d:%02d:%02d', h, mi, s)",
  makedate: "date(year || '-01-01', (dayofyear - 1) || ' days')",
  date_trunc: "strftime('%Y-%m-01', x), date(x), or datetime(x, 'start of month')",
  date_trunc2: "strftime('%Y-%m-01', x), date(x), or datetime(x, 'start of month')",
  dayofmonth: 'day(x)',
  dayofweek: "datepart('weekday', x)",
  dayofyear: "datepart('dayofyear', x)",
  hour: "datepart('hour', x)",
  minute: "datepart('minute', x)",
  second: "datepart('second', x)",
  quarter: "datepart('quarter', x)",
  week: "datepart('week', x)",
  eomonth: "date(x, 'start of month', '+1 month', '-1 day')",
  last_day: "date(x, 'start of month', '+1 month', '-1 day')",
  ldmonth: "date(x, 'start of month', '+1 month', '-1 day')",
  fdmonth: "date(x, 'start of month')",
  fdquarter: "date(x, 'start of month', '-' || ((month(x) - 1) % 3) || ' months')",
  ldquarter: "date(x, 'start of month', '-' || ((month(x) - 1) % 3) || ' months', '+3 months', '-1 day')",
  fdweek: "date(x, '-6 days', 'weekday 0')",
  ldweek: "date(x, 'weekday 6')",
  filemodifiedtime: 'the column lastModifiedDateTime',
  from_days: "date('0000-01-01', x || ' days')",
  to_days: "CAST(julianday(x) - julianday('0000-01-01') AS INTEGER)",
  from_unixtime: "datetime(x, 'unixepoch')",
  isdate: 'datetime(x) IS NOT NULL',
  last_month: "date('now', 'start of month', '-1 month')",
  last_week: "date('now', '-7 days')",
  last_year: "date('now', '-1 year')",
  strtodate: "datetime(x)",
  str_to_date: "datetime(x)",
  l_today: "x >= date('now') AND x < date('now', '+1 day')",
  l_yesterday: "x >= date('now', '-1 day') AND x < date('now')",
  l_tomorrow: "x >= date('now', '+1 day') AND x < date('now', '+2 days')",
};

/** The sentence for the hint, or undefined. */
export function substituteFor(name: string): string | undefined {
  const key = name.toLowerCase();
  const form = FORMS[key] ?? literalRange(key);
  if (form === undefined) return undefined;
  return form.startsWith('no form: ') ? `There is ${form}.` : `Use ${form}.`;
}

/** L_LAST_WEEK, L_NEXT_N_DAYS(n) and the like. */
function literalRange(key: string): string | undefined {
  const counted = /^l_(last|next)_n_(days|weeks|months|quarters|years)$/.exec(key);
  if (counted !== null) {
    const [, side, unit = ''] = counted;
    const [count, real] = unit === 'weeks' ? ['7 * n', 'days'] : unit === 'quarters' ? ['3 * n', 'months'] : ['n', unit];
    return side === 'last' ? `x >= date('now', '-' || (${count}) || ' ${real}')` : `x < date('now', '+' || (${count}) || ' ${real}')`;
  }
  if (key === 'l_last_90_days') return "x >= date('now', '-90 days')";
  if (key === 'l_next_90_days') return "x < date('now', '+90 days')";
  return /^l_(last|this|next)_(week|month|quarter|year)$/.test(key) ? "a range of dates: x >= date('now', 'start of month') AND x < date('now', 'start of month', '+1 month')" : undefined;
}

/** For the test that every form works. */
export const SUBSTITUTED: readonly string[] = Object.keys(FORMS);
