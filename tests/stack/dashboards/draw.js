// Draws a dashboard from its JSON and Prometheus's answers, so that overlaps, clipped words and empty panels are seen where no
// Grafana can be had. It lays panels out on Grafana's grid and shows what Grafana shows, in its own plain way.
//
// DATA = { dashboard, answers: { panel id: { refId: series } }, from, to }; what is wrong is written into #report.
'use strict';

const CELL = 30, GAP = 8, COLUMNS = 24, WIDTH = 1600;
const COLORS = ['#73BF69', '#F2CC0C', '#8AB8FF', '#FF780A', '#F2495C', '#5794F2', '#B877D9', '#705DA0', '#37872D', '#FADE2A'];
const NAMED = { green: '#73BF69', red: '#F2495C', orange: '#FF9830', yellow: '#FADE2A', blue: '#5794F2',
  'super-light-blue': '#C0D8FF', 'light-blue': '#8AB8FF', 'dark-blue': '#1F60C4' };
const report = [];

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** A number as Grafana shows it in this unit. */
function shown(value, { unit = 'short', decimals = 0, mappings = [] }) {
  for (const { type, options } of mappings) {
    if (type === 'value' && options[value]) return options[value].text;
  }
  if (value === null || value === undefined || value === '') return '';
  const number = Number(value);
  if (Number.isNaN(number)) return String(value);
  const fixed = (n) => n.toFixed(decimals);
  if (unit.startsWith('suffix:')) return `${fixed(number)}${unit.slice(7)}`;
  const scaled = (steps, base) => {
    let [n, at] = [number, 0];
    while (Math.abs(n) >= base && at + 1 < steps.length) { n /= base; at += 1; }
    return `${at ? n.toFixed(Math.max(decimals, 1)) : fixed(n)}${steps[at]}`;
  };
  switch (unit) {
    case 'percentunit': return `${fixed(100 * number)}%`;
    case 'short': return scaled(['', ' K', ' Mil', ' Bil'], 1000);
    case 'bytes': return scaled([' B', ' KiB', ' MiB', ' GiB'], 1024);
    case 'cps': return `${fixed(number)} c/s`;
    case 'dateTimeAsIso': return new Date(number).toISOString().slice(0, 19).replace('T', ' ');
    case 's': case 'dtdurations': {
      for (const [size, name] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) {
        if (Math.abs(number) >= size) return `${(number / size).toFixed(1)} ${name}`;
      }
      return `${fixed(number)} s`;
    }
    default: return fixed(number);
  }
}

function color(value, thresholds) {
  let found = null;
  for (const step of thresholds?.steps ?? []) {
    if (step.value === null || value >= step.value) found = step.color;
  }
  return NAMED[found] ?? found ?? NAMED.green;
}

const legend = (format, metric) =>
  format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => metric[name] ?? '') || JSON.stringify(metric);
const last = (series) => Number((series.values ? series.values[series.values.length - 1] : series.value)[1]);

/** Every series of a panel: its name, its points or value, and how its numbers are shown. */
function seriesOf(panel) {
  return panel.targets.flatMap((target) => {
    const own = panel.fieldConfig.overrides
      .filter((one) => one.matcher.id === 'byFrameRefID' && one.matcher.options === target.refId)
      .flatMap((one) => one.properties.map(({ id, value }) => [id, value]));
    const config = { ...panel.fieldConfig.defaults, ...Object.fromEntries(own) };
    if (own.length) config.thresholds = undefined;
    return (DATA.answers[panel.id]?.[target.refId] ?? []).map((series) => {
      return { name: legend(target.legendFormat, series.metric), series, config };
    });
  });
}

function stat(panel, body) {
  const all = seriesOf(panel);
  const row = node('div', 'stats');
  for (const { name, series, config } of all) {
    const one = node('div', 'stat');
    if (all.length > 1) one.append(node('div', 'name', name));
    const value = node('div', 'value', shown(last(series), config));
    value.style.color = color(last(series), config.thresholds);
    one.append(value);
    row.append(one);
  }
  body.append(row);
  return all.length;
}

function bars(panel, body) {
  const all = seriesOf(panel);
  const most = Math.max(...all.map(({ series }) => last(series)), 1e-9);
  for (const { name, series, config } of all) {
    const row = node('div', 'bar');
    row.append(node('div', 'name', name));
    const track = node('div', 'track'), fill = node('div', 'fill');
    fill.style.width = `${Math.max(0, 100 * last(series) / most)}%`;
    track.append(fill);
    row.append(track, node('div', 'number', shown(last(series), config)));
    body.append(row);
  }
  return all.length;
}

function svg(tag, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
}

function lines(panel, body, width, height) {
  const all = seriesOf(panel);
  const points = all.flatMap(({ series }) => series.values.map(([, value]) => Number(value))).filter(Number.isFinite);
  if (!points.length) return 0;
  const named = Math.min(230, width * 0.36), [left, right, top, bottom] = [64, named + 16, 6, 22];
  let [low, high] = [Math.min(...points), Math.max(...points)];
  if (low === high) [low, high] = [low - 1, high + 1];
  const x = (at) => left + (at - DATA.from) / (DATA.to - DATA.from) * (width - left - right);
  const y = (value) => top + (high - value) / (high - low) * (height - top - bottom);
  const canvas = svg('svg', { width, height });
  for (let tick = 0; tick <= 4; tick += 1) {
    const value = low + (high - low) * tick / 4;
    canvas.append(svg('line', { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: '#2c3235' }));
    const label = svg('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end', fill: '#9fa7b3', 'font-size': 11 });
    // The unit is beside the names.
    const { unit, ...config } = panel.fieldConfig.defaults;
    label.textContent = shown(value, unit?.startsWith('suffix:') ? config : { unit, ...config });
    canvas.append(label);
  }
  for (let tick = 0; tick <= 4; tick += 1) {
    const at = DATA.from + (DATA.to - DATA.from) * tick / 4;
    const label = svg('text', { x: x(at), y: height - 5, 'text-anchor': 'middle', fill: '#9fa7b3', 'font-size': 11 });
    label.textContent = new Date(at * 1000 + 8 * 3600e3).toISOString().slice(5, 10);
    canvas.append(label);
  }
  if (panel.fieldConfig.defaults.custom?.thresholdsStyle) {
    for (const step of panel.fieldConfig.defaults.thresholds.steps.filter((one) => one.value !== null && one.value >= low && one.value <= high)) {
      canvas.append(svg('line', { x1: left, x2: width - right, y1: y(step.value), y2: y(step.value), stroke: NAMED.red, 'stroke-dasharray': '6 4' }));
    }
  }
  all.forEach(({ series }, index) => {
    const path = series.values.filter(([, value]) => Number.isFinite(Number(value)))
      .map(([at, value], first) => `${first ? 'L' : 'M'}${x(at).toFixed(1)},${y(Number(value)).toFixed(1)}`).join('');
    canvas.append(svg('path', { d: path, fill: 'none', stroke: COLORS[index % COLORS.length], 'stroke-width': 1.5 }));
  });
  body.append(canvas);
  const names = node('div', 'legend');
  names.style.width = `${named}px`;
  names.style.maxHeight = `${height}px`;
  all.forEach(({ name, series, config }, index) => {
    const row = node('div', 'entry'), dot = node('span', 'dot');
    dot.style.background = COLORS[index % COLORS.length];
    row.append(dot, node('span', 'name', name), node('span', 'number', shown(last(series), config)));
    names.append(row);
  });
  body.append(names);
  return all.length;
}

function timeline(panel, body, width, height) {
  const all = seriesOf(panel);
  const named = 190, row = Math.max(12, Math.min(24, (height - 24) / Math.max(all.length, 1)));
  const canvas = svg('svg', { width, height });
  const x = (at) => named + (at - DATA.from) / (DATA.to - DATA.from) * (width - named - 8);
  all.forEach(({ name, series, config }, index) => {
    const label = svg('text', { x: named - 6, y: index * row + row * 0.7, 'text-anchor': 'end', fill: '#ccccdc', 'font-size': 11 });
    label.textContent = name.length > 26 ? `${name.slice(0, 25)}…` : name;
    canvas.append(label);
    series.values.forEach(([at, value], point) => {
      const end = series.values[point + 1]?.[0] ?? DATA.to;
      canvas.append(svg('rect', { x: x(at), y: index * row + 1, width: Math.max(x(end) - x(at), 0), height: row - 2, fill: color(Number(value), config.thresholds) }));
    });
  });
  body.append(canvas);
  return all.length;
}

function table(panel, body) {
  const organized = panel.transformations.find((one) => one.id === 'organize').options;
  const rows = new Map();
  for (const target of panel.targets) {
    for (const series of DATA.answers[panel.id]?.[target.refId] ?? []) {
      const { __name__, ...labels } = series.metric;
      const key = JSON.stringify(Object.entries(labels).sort());
      const row = rows.get(key) ?? { ...labels };
      row[target.range ? `Trend #${target.refId}` : `Value #${target.refId}`] = target.range ? series : last(series);
      rows.set(key, row);
    }
  }
  // Where one query alone has an answer, Grafana calls its values by no letter: the columns know both names.
  const place = (field) => organized.indexByName[field];
  const fields = Object.keys(organized.renameByName).filter((field) => !organized.excludeByName[field] && field !== 'Value')
    .filter((field) => [...rows.values()].some((row) => row[field] !== undefined)).sort((one, other) => place(one) - place(other));
  const configs = Object.fromEntries(panel.fieldConfig.overrides.map((one) =>
    [one.matcher.options, Object.fromEntries(one.properties.map(({ id, value }) => [id, value]))]));
  const sorted = [...rows.values()];
  const by = fields.find((field) => organized.renameByName[field] === panel.options.sortBy?.[0]?.displayName);
  if (by) sorted.sort((one, other) => (other[by] ?? -Infinity) - (one[by] ?? -Infinity));
  const made = node('table'), head = node('tr');
  fields.forEach((field) => head.append(node('th', '', organized.renameByName[field])));
  made.append(head);
  for (const row of sorted.slice(0, 60)) {
    const line = node('tr');
    for (const field of fields) {
      const config = configs[organized.renameByName[field]] ?? {}, cell = node('td');
      const kind = config['custom.cellOptions']?.type;
      if (kind === 'sparkline' && row[field]) {
        const values = row[field].values.map(([, value]) => Number(value));
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const curve = svg('svg', { width: 120, height: 20 });
        const path = values.map((value, at) => `${at ? 'L' : 'M'}${at / (values.length - 1 || 1) * 118},${18 - (value - low) / (high - low || 1) * 16}`).join('');
        curve.append(svg('path', { d: path, fill: 'none', stroke: NAMED.green }));
        cell.append(curve);
      } else {
        // A label is a word, though it be of digits.
        const isLabel = typeof row[field] === 'string' && !config.mappings;
        cell.textContent = isLabel ? row[field] : shown(row[field], config);
        if (typeof row[field] === 'number') cell.className = 'number';
        if (kind === 'gauge' && row[field] !== undefined) {
          const gauge = node('div', 'gauge');
          gauge.style.width = `${Math.min(100, 100 * row[field])}px`;
          gauge.style.background = color(row[field], config.thresholds);
          cell.prepend(gauge);
        }
      }
      line.append(cell);
    }
    made.append(line);
  }
  body.append(made);
  return rows.size;
}

const KINDS = { stat, bargauge: bars, timeseries: lines, 'state-timeline': timeline, table };

function clipped(element) {
  return element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 4;
}

function draw() {
  const { dashboard } = DATA, page = document.getElementById('page');
  document.getElementById('title').textContent = dashboard.title;
  const cell = (WIDTH - 2 * GAP) / COLUMNS;
  let bottom = 0;
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    const [width, height] = [w * cell - GAP, h * (CELL + GAP) - GAP];
    const box = node('div', panel.type === 'row' ? 'row' : 'panel');
    Object.assign(box.style, { left: `${GAP + x * cell}px`, top: `${y * (CELL + GAP)}px`, width: `${width}px`, height: `${height}px` });
    const title = node('div', 'title', panel.title);
    box.append(title);
    page.append(box);
    bottom = Math.max(bottom, (y + h) * (CELL + GAP));
    if (clipped(title)) report.push(`clipped title: ${panel.title}`);
    if (panel.type === 'row') continue;
    const body = node('div', 'body');
    box.append(body);
    const drawn = KINDS[panel.type](panel, body, width - 16, height - 36);
    if (!drawn) {
      body.replaceChildren(node('div', 'nothing', 'No data'));
      report.push(`no data: ${panel.title}`);
    }
    // Grafana writes a value smaller until it fits; smaller than this nobody reads it.
    for (const value of body.querySelectorAll('.value')) {
      for (let size = 30; size > 13 && clipped(value); size -= 1) value.style.fontSize = `${size}px`;
    }
    for (const value of body.querySelectorAll('.value, .stat > .name, th')) {
      if (clipped(value)) report.push(`clipped in ${panel.title}: ${value.textContent}`);
    }
    if (panel.type === 'table' && body.scrollWidth > body.clientWidth + 1) report.push(`too wide: ${panel.title}`);
  }
  page.style.height = `${bottom}px`;
  document.getElementById('report').textContent = JSON.stringify({ height: bottom + 60, wrong: report });
}

draw();
